//! The webhook sets of the releases as data: which entries a chart writes, under which condition, with which selectors.
//!
//! Source: the mutating webhook and revision tag charts of istio 1.0–1.30, read release by release.

/// What the charts of some releases write into a MutatingWebhookConfiguration.
#[derive(Debug)]
pub struct Form {
    /// The group version of the object; it also decides what the API server fills in.
    pub(super) api_version: &'static str,
    /// The service in front of the injector, before the revision.
    pub(super) service: &'static str,
    /// The name of the configuration and its service tell the revision and the namespace of the release.
    pub(super) named_by_install: bool,
    /// The configuration has the label `istio.io/rev`.
    pub(super) revision_label: bool,
    /// `admissionReviewVersions`, where the chart gives any.
    pub(super) review_versions: Option<&'static [&'static str]>,
    /// `sideEffects`, where the chart gives them.
    pub(super) side_effects: Option<&'static str>,
    /// The revision's own configuration takes `reinvocationPolicy` from the install.
    pub(super) reinvocation: bool,
    /// Those of tags do too.
    pub(super) tag_reinvocation: bool,
    /// What is written after an `injectionURL`; none where a chart knows no URLs.
    pub(super) url_suffix: Option<&'static str>,
    /// The path of the service may be chosen.
    pub(super) path_is_free: bool,
    /// The default of `useLegacySelectors`; none where a chart does not know it.
    pub(super) legacy_by_default: Option<bool>,
    /// The default of `objectSelector.enabled`; none where a chart does not know it.
    pub(super) object_selector_by_default: Option<bool>,
    /// The chart knows `injectLabel`.
    pub(super) inject_label: bool,
    /// The chart knows revisions.
    pub(super) revisions: bool,
    /// What the chart of a separate injector writes, where there is one beside istiod.
    pub(super) without_istiod: Option<&'static Form>,
    /// The entries of the revision's own configuration.
    pub(super) entries: &'static [Entry],
    /// The entries of a tag's configuration; none where there are no tags.
    pub(super) tag_entries: &'static [Entry],
}

/// One webhook of a configuration.
#[derive(Debug)]
pub(super) struct Entry {
    /// Its name before `sidecar-injector.istio.io`.
    pub(super) prefix: &'static str,
    /// It is there when all of these hold.
    pub(super) when: &'static [When],
    /// The namespaceSelector: the first whose conditions hold.
    pub(super) namespace: &'static [Choice],
    /// The objectSelector: the first whose conditions hold; empty when there is none.
    pub(super) object: &'static [Choice],
}

/// A selector with the conditions under which a chart writes it.
type Choice = (&'static [When], &'static [Requirement]);

/// Key, operator (`=` is one of matchLabels) and values. [`NAME`] and [`RELEASE`] stand for something.
pub(super) type Requirement = (&'static str, &'static str, &'static [&'static str]);

/// In a value: the revision or tag that the entry is for.
pub(super) const NAME: &str = "$name";

/// In a value: the namespace in which Istio is installed.
pub(super) const RELEASE: &str = "$namespace";

/// What a chart asks of the install.
#[derive(Clone, Copy, Debug)]
pub(super) enum When {
    /// `enableNamespacesByDefault` is set.
    ByDefault,
    /// The revision has a name.
    Named,
    /// The revision has no name.
    Unnamed,
    /// The entry is for the tag `default`.
    DefaultTag,
    /// `useLegacySelectors` is set.
    Legacy,
    /// `useLegacySelectors` is not set.
    Modern,
    /// `objectSelector.enabled` is set.
    ObjectSelector,
    /// `objectSelector` is enabled and its `autoInject` is not unset.
    AutoInject,
    /// `injectLabel` is `istio-injection`.
    InjectionLabel,
}

use When::{AutoInject, ByDefault, DefaultTag, InjectionLabel, Legacy, Modern, Named, ObjectSelector, Unnamed};

const INJECTION: &str = "istio-injection";
const REVISION: &str = "istio.io/rev";
const INJECT: &str = "sidecar.istio.io/inject";

const ENABLED_LABEL: Requirement = (INJECTION, "=", &["enabled"]);
const ENABLED: Requirement = (INJECTION, "In", &["enabled"]);
const NOT_DISABLED: Requirement = (INJECTION, "NotIn", &["disabled"]);
const NO_INJECTION: Requirement = (INJECTION, "DoesNotExist", &[]);
const THIS: Requirement = (REVISION, "In", &[NAME]);
const NO_REVISION: Requirement = (REVISION, "DoesNotExist", &[]);
const NOT_FALSE: Requirement = (INJECT, "NotIn", &["false"]);
const TRUE_LABEL: Requirement = (INJECT, "=", &["true"]);
const TRUE: Requirement = (INJECT, "In", &["true"]);
const NO_INJECT: Requirement = (INJECT, "DoesNotExist", &[]);
const NOT_RELEASE: Requirement = ("name", "NotIn", &[RELEASE]);
const NO_ENV: Requirement = ("istio-env", "DoesNotExist", &[]);
const ORDINARY: Requirement =
    ("kubernetes.io/metadata.name", "NotIn", &["kube-system", "kube-public", "kube-node-lease", "local-path-storage"]);

/// The one requirement of both selectors of an install that another took over from; no label has this value.
pub(super) const DEACTIVATED: Requirement = ("istio.io/deactivated", "=", &["never-match"]);

/// The single webhook of the early releases.
const fn single(namespace: &'static [Choice], object: &'static [Choice]) -> Entry {
    Entry { prefix: "", when: &[], namespace, object }
}

const LATE_LEGACY_NAMESPACE: &[Choice] = &[
    (&[ByDefault], &[NOT_RELEASE, NOT_DISABLED, NO_ENV, NO_REVISION]),
    (&[Named], &[NO_INJECTION, THIS]),
    (&[], &[ENABLED_LABEL]),
];

const LATE_LEGACY_OBJECT: &[Choice] = &[
    (&[AutoInject], &[NOT_FALSE]),
    (&[ObjectSelector, Named], &[NO_INJECT, THIS]),
    (&[ObjectSelector], &[TRUE_LABEL]),
];

const LEGACY: Entry =
    Entry { prefix: "", when: &[Legacy], namespace: LATE_LEGACY_NAMESPACE, object: LATE_LEGACY_OBJECT };

const BY_NAMESPACE: &[Choice] = &[(&[], &[THIS, NO_INJECTION])];
const NOBODY_ELSE: &[Choice] = &[(&[], &[NO_REVISION, NO_INJECTION])];
const SILENT: &[Choice] = &[(&[], &[NO_INJECTION, NO_REVISION])];
const SILENT_AND_ORDINARY: &[Choice] = &[(&[], &[NO_INJECTION, NO_REVISION, ORDINARY])];

const fn rev_namespace(prefix: &'static str, when: &'static [When]) -> Entry {
    Entry { prefix, when, namespace: BY_NAMESPACE, object: &[(&[], &[NOT_FALSE])] }
}

const fn rev_object(prefix: &'static str, when: &'static [When]) -> Entry {
    Entry { prefix, when, namespace: NOBODY_ELSE, object: &[(&[], &[NOT_FALSE, THIS])] }
}

const fn by_label(when: &'static [When]) -> Entry {
    Entry { prefix: "namespace.", when, namespace: &[(&[], &[ENABLED])], object: &[(&[], &[NOT_FALSE])] }
}

const fn by_pod(when: &'static [When]) -> Entry {
    Entry { prefix: "object.", when, namespace: SILENT, object: &[(&[], &[TRUE, NO_REVISION])] }
}

const fn auto(when: &'static [When], namespace: &'static [Choice]) -> Entry {
    Entry { prefix: "auto.", when, namespace, object: &[(&[], &[NO_INJECT, NO_REVISION])] }
}

/// What a revision has from 1.11 on; `silent` says which namespaces are injected by default.
const fn of_revision(silent: &'static [Choice]) -> [Entry; 5] {
    [
        rev_namespace("rev.namespace.", &[]),
        rev_object("rev.object.", &[]),
        by_label(&[Unnamed]),
        by_pod(&[Unnamed]),
        auto(&[Unnamed, ByDefault], silent),
    ]
}

/// What a tag has from 1.13 on.
const fn of_tag(silent: &'static [Choice]) -> [Entry; 5] {
    [
        rev_namespace("rev.namespace.", &[]),
        rev_object("rev.object.", &[]),
        by_label(&[DefaultTag]),
        by_pod(&[DefaultTag]),
        auto(&[DefaultTag, ByDefault], silent),
    ]
}

/// 1.0 and 1.1: an injector of its own, one webhook for labelled namespaces, or for all that are not disabled.
pub static V1_0: Form = Form {
    api_version: "admissionregistration.k8s.io/v1beta1",
    service: "istio-sidecar-injector",
    named_by_install: false,
    revision_label: false,
    review_versions: None,
    side_effects: None,
    reinvocation: false,
    tag_reinvocation: false,
    url_suffix: None,
    path_is_free: false,
    legacy_by_default: None,
    object_selector_by_default: None,
    inject_label: false,
    revisions: false,
    without_istiod: None,
    entries: &[single(&[(&[ByDefault], &[NOT_DISABLED]), (&[], &[ENABLED_LABEL])], &[])],
    tag_entries: &[],
};

/// 1.2 to 1.4: opt-out leaves the namespace of Istio alone, if it has a label with its name.
pub static V1_2: Form =
    Form { entries: &[single(&[(&[ByDefault], &[NOT_RELEASE, NOT_DISABLED]), (&[], &[ENABLED_LABEL])], &[])], ..V1_0 };

/// 1.5: istiod serves the webhook; revisions, which do not keep plain labels out; the first objectSelector.
pub static V1_5: Form = Form {
    service: "istiod",
    named_by_install: true,
    object_selector_by_default: Some(false),
    inject_label: true,
    revisions: true,
    without_istiod: Some(&V1_5_SEPARATE),
    entries: &[single(
        &[
            (&[ByDefault], &[NOT_RELEASE, NOT_DISABLED, NO_ENV, NO_REVISION]),
            (&[Named], &[NOT_DISABLED, THIS]),
            (&[InjectionLabel], &[ENABLED_LABEL]),
            (&[], &[("istio-env", "=", &[RELEASE])]),
        ],
        &[(&[AutoInject], &[NOT_FALSE]), (&[ObjectSelector], &[TRUE_LABEL])],
    )],
    ..V1_2
};

/// 1.5 with the injector of before, in a process of its own: it knows no revisions.
static V1_5_SEPARATE: Form = Form {
    service: "istio-sidecar-injector",
    revisions: false,
    without_istiod: None,
    entries: &[single(
        &[
            (&[ByDefault], &[NOT_RELEASE, NOT_DISABLED, NO_ENV]),
            (&[InjectionLabel], &[ENABLED_LABEL]),
            (&[], &[("istio-env", "=", &[RELEASE])]),
        ],
        &[(&[AutoInject], &[NOT_FALSE]), (&[ObjectSelector], &[TRUE_LABEL])],
    )],
    ..V1_5
};

/// 1.6: a revision leaves namespaces with plain labels to others.
pub static V1_6: Form = Form {
    revision_label: true,
    url_suffix: Some(""),
    inject_label: false,
    without_istiod: None,
    entries: &[single(LATE_LEGACY_NAMESPACE, &[(&[AutoInject], &[NOT_FALSE]), (&[ObjectSelector], &[TRUE_LABEL])])],
    ..V1_5
};

/// 1.7: both versions of AdmissionReview, no side effects.
pub static V1_7: Form = Form {
    review_versions: Some(&["v1beta1", "v1"]),
    side_effects: Some("None"),
    url_suffix: Some("/cluster/remote0/net/network0"),
    entries: &[single(LATE_LEGACY_NAMESPACE, LATE_LEGACY_OBJECT)],
    ..V1_6
};

/// 1.8: a URL is taken as it is.
pub static V1_8: Form = Form { url_suffix: Some(""), ..V1_7 };

/// 1.9: the old selectors, or one webhook for labels of namespaces and one for those of pods.
pub static V1_9: Form = Form {
    legacy_by_default: Some(true),
    object_selector_by_default: Some(true),
    entries: &[
        LEGACY,
        rev_namespace("namespace.", &[Modern, Named]),
        rev_object("object.", &[Modern, Named]),
        by_label(&[Modern, Unnamed]),
        by_pod(&[Modern, Unnamed]),
        auto(&[Modern, Unnamed, ByDefault], SILENT),
    ],
    ..V1_8
};

/// 1.10: the unnamed revision answers to `default` too; revision tags.
pub static V1_10: Form = Form {
    api_version: "admissionregistration.k8s.io/v1",
    legacy_by_default: Some(false),
    entries: &[
        LEGACY,
        rev_namespace("rev.namespace.", &[Modern]),
        rev_object("rev.object.", &[Modern]),
        by_label(&[Modern, Unnamed]),
        by_pod(&[Modern, Unnamed]),
        auto(&[Modern, Unnamed, ByDefault], SILENT),
    ],
    tag_entries: &[
        rev_namespace("rev.namespace.", &[]),
        rev_object("rev.object.", &[]),
        by_label(&[DefaultTag]),
        by_pod(&[DefaultTag]),
    ],
    ..V1_9
};

/// 1.11 and 1.12: the old selectors are gone, the path may be chosen.
pub static V1_11: Form = Form {
    path_is_free: true,
    legacy_by_default: None,
    object_selector_by_default: None,
    entries: &of_revision(SILENT),
    ..V1_10
};

/// 1.13 to 1.15: the tag `default` covers silent namespaces too.
pub static V1_13: Form = Form { tag_entries: &of_tag(SILENT), ..V1_11 };

/// 1.16 to 1.18: silent namespaces no longer include those of the system.
pub static V1_16: Form =
    Form { entries: &of_revision(SILENT_AND_ORDINARY), tag_entries: &of_tag(SILENT_AND_ORDINARY), ..V1_13 };

/// 1.19 to 1.22: `reinvocationPolicy` for the revision, not yet for its tags.
pub static V1_19: Form = Form { reinvocation: true, ..V1_16 };

/// 1.23 to 1.25: only AdmissionReview v1.
pub static V1_23: Form = Form { review_versions: Some(&["v1"]), ..V1_19 };

/// 1.26 on: `reinvocationPolicy` for tags as well.
pub static V1_26: Form = Form { tag_reinvocation: true, ..V1_23 };
