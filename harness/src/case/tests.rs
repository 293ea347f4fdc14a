//! What is wrong with a scenario file is said, and where it stands; nothing that is wrong passes unseen.

use conjector::injector::release::Release;

use super::{Case, CaseError, Files, Suite};

const POD: &str = "object: {metadata: {name: web}, spec: {containers: [{name: app, image: a}]}}";

fn load(text: String, presets: &[(&'static str, &'static str)]) -> Vec<Result<Case, CaseError>> {
    let text: &'static str = Box::leak(text.into_boxed_str());
    let mut files = vec![("cases/a.yaml", text)];
    files.extend_from_slice(presets);
    Suite::load(Files::embedded(&files)).entries
}

/// The errors of a file that begins with four lines of head.
fn errors(body: &str) -> Vec<String> {
    let text = format!("apiVersion: conjector/v1\nkind: InjectionCase\nid: a\ntitle: A case\n{body}\n");
    load(text, &[]).into_iter().filter_map(Result::err).map(|e| e.to_string()).collect()
}

#[test]
fn problems_with_their_places() {
    let table: &[(&str, &str)] = &[
        ("given: {objekt: {}}\nexpect: {outcome: skipped}", "5:9: unknown key given.objekt (did you mean \"object\"?)"),
        ("given: {POD}\nexpect: {outcom: skipped}", "6:10: unknown key expect.outcom (did you mean \"outcome\"?)"),
        ("given: {POD}\nexpect: {outcome: skiped}", "6:19: expect.outcome is \"skiped\", which is none of"),
        (
            "given: {POD}\nexpect: {reasons: host-network}",
            "6:19: expect.reasons must be a list, but is \"host-network\"",
        ),
        (
            "given: {POD}\nexpect:\n  reasons: [host-netwrk]",
            "7:12: a: expect.reasons: \"host-netwrk\" is no code (did you",
        ),
        ("given: {object: [1]}\nexpect: {outcome: skipped}", "5:17: given.object must be a mapping, but is a list"),
        ("given: {}\nexpect: {outcome: skipped}", "5:8: a: given: object is missing"),
        (
            "given:\n  release: '1.99'\n  POD\nexpect: {outcome: skipped}",
            "6:12: a: given.release: unknown release \"1.99\"",
        ),
        ("given:\n  POD\n  use: [nope]\nexpect: {outcome: skipped}", "7:8: a: given.use: there is no preset \"nope\""),
        (
            "given:\n  release: '1.1'\n  POD\n  config:\n    values: {global: {proxy: 7}}\nexpect: {golden: true}",
            "9:13: a: given.config.values: template: template:",
        ),
        (
            "given:\n  POD\n  config:\n    templates:\n      x: {file: nope.yaml}\nexpect: {golden: true}",
            "9:10: a: given.config.templates.x: there is no file",
        ),
        (
            "given:\n  POD\n  config:\n    templates: {x: {file: y}}\nexpect: {golden: true}",
            "8:20: a: given.config.templates.x: file: true is no text",
        ),
        (
            "given:\n  release: '1.8'\n  config:\n    templates: {x: y}\n  POD\nexpect: {golden: true}",
            "8:16: a: given.config.templates: the injector of 1.8.6 has one template without a name (write `template: …`)",
        ),
        (
            "given:\n  release: '1.9'\n  config:\n    template: y\n  POD\nexpect: {golden: true}",
            "8:15: a: given.config.template: the injector of 1.9.9 has templates with names (write `templates: {",
        ),
        (
            "given: {object: {file: ../../x}}\nexpect: {golden: true}",
            "5:17: a: given.object: the file \"../../x\" is outside",
        ),
        (
            "given:\n  POD\n  faults: [{kind: slwo}]\nexpect: {golden: true}",
            "7:11: a: given.faults: \"slwo\" is none of",
        ),
        (
            "given:\n  POD\n  faults: [{kind: slow}]\nexpect: {golden: true}",
            "7:11: a: given.faults: the kind slow needs seconds",
        ),
        (
            "given:\n  POD\n  faults: [{kind: tls, status: 500}]\nexpect: {golden: true}",
            "7:11: a: given.faults: status does not go with the kind tls, which takes nothing",
        ),
        (
            "given:\n  POD\n  faults: [{kind: tls, calls: [0]}]\nexpect: {golden: true}",
            "7:11: a: given.faults: calls are counted from 1",
        ),
        (
            "given:\n  POD\n  apiServer: true\n  request: {operation: UPDATE}\nexpect: {golden: true}",
            "7:14: a: given.apiServer: the whole server goes with creations, not with UPDATE",
        ),
        (
            "given:\n  POD\n  cluster: {objects: [{kind: LimitRange}]}\nexpect: {golden: true}",
            "7:12: a: given.cluster: objects[0] has no metadata.name",
        ),
        (
            "given:\n  POD\n  pipeline: [{configuration: a}]\nexpect: {golden: true}",
            "7:13: a: given.pipeline: a/a.pipeline.test has no answers",
        ),
        (
            "given:\n  POD\n  pipeline: [{configuration: a, answers: [{patch: [], merge: {}}]}]\nexpect: {golden: true}",
            "7:13: a: given.pipeline: a/a.pipeline.test: an answer has exactly one of",
        ),
        (
            "given:\n  POD\n  pipeline: [{configuration: a, answers: [{pathc: []}]}]\nexpect: {golden: true}",
            "7:44: unknown key given.pipeline[0].answers[0].pathc (did you mean \"patch\"?)",
        ),
        (
            "given:\n  POD\n  pipeline: [{configuration: istio-sidecar-injector, webhook: x, answers: [{patch: []}]}]\nexpect: {golden: true}",
            "7:13: a: given.pipeline: istio-sidecar-injector has no webhook \"x\"",
        ),
        (
            "given:\n  POD\n  faults: [{webhook: nobody, kind: timeout}]\nexpect: {golden: true}",
            "7:11: a: given.faults: no webhook is called \"nobody\"",
        ),
        (
            "given:\n  namespace: {metdata: {}}\n  POD\nexpect: {golden: true}",
            "6:15: unknown key given.namespace.metdata (did you mean \"metadata\"?)",
        ),
        (
            "given:\n  namespace: {metadata: {labels: {a: true}}}\n  POD\nexpect: {golden: true}",
            "6:38: given.namespace.metadata.labels.a must be a text in quotes",
        ),
        (
            "given:\n  config: {values: &v {a: b}}\n  cluster: *v\n  POD\nexpect: {golden: true}",
            "7:12: given.cluster cannot be an alias",
        ),
        (
            "given: {POD}\nexpect: {checks: [{path: /a, count: 1, absent: true}]}",
            "6:18: a: expect.checks: the check of /a is both",
        ),
        (
            "given: {POD}\nexpect: {checks: [{path: /a, absent: null}]}",
            "6:18: a: expect.checks: the check of /a has no kind",
        ),
        (
            "given: {POD}\nexpect: {checks: [{path: /a, count: 1, subset: {}}]}",
            "6:18: a: expect.checks: the check of /a: subset goes with parse",
        ),
        (
            "given: {POD}\nexpect: {laws: [{law: idempotent, broken: no}]}",
            "6:43: expect.laws[0].broken must be a text in quotes",
        ),
    ];
    for (body, wanted) in table {
        let errors = errors(&body.replace("{POD}", &format!("{{{POD}}}")).replace("POD", POD));
        let [error] = errors.as_slice() else { panic!("{body}\n{errors:?}") };
        let error = error.strip_prefix("cases/a.yaml:").unwrap_or(error);
        assert!(error.starts_with(wanted), "{body}\nwanted {wanted}\ngot    {error}");
    }
}

#[test]
fn null_in_a_pod_says_that_there_must_be_nothing() {
    let head = "apiVersion: conjector/v1\nkind: InjectionCase\nid: a\ntitle: t\n";
    for expect in ["expect: {pod: {spec: {x: null}}}", "expect: [{pod: {spec: {x: 1}}}, {pod: {spec: {x: null}}}]"] {
        let entries = load(format!("{head}given: {{{POD}}}\n{expect}"), &[]);
        let pod = entries[0].as_ref().expect("a case").expect.pod.clone().expect("a pod");
        assert!(pod["spec"].as_object().is_some_and(|spec| spec.contains_key("x")) && pod["spec"]["x"].is_null());
    }
}

#[test]
fn expectations_that_say_nothing_are_refused() {
    for expect in [
        "{}",
        "[]",
        "{checks: []}",
        "{laws: []}",
        "{golden: false}",
        "{pod: {}}",
        "{outcome: null}",
        "{when: {release: '>=1.30'}}",
    ] {
        let errors = errors(&format!("given: {{{POD}}}\nexpect: {expect}"));
        assert!(errors.len() == 1 && errors[0].contains("expect: it says nothing"), "{expect}: {errors:?}");
    }
}

#[test]
fn cells_are_checked_like_keys() {
    let table: &[(&str, &str)] = &[
        ("{columns: [/expect/outcome], rows: {one: [skiped]}}", "6:50: expect.outcome is \"skiped\", which is none of"),
        (
            "{columns: [/expect/outcom], rows: {one: [skipped]}}",
            "6:19: the table column /expect/outcom: unknown key outcom",
        ),
        ("{columns: [/expect/golden], rows: {one: ['yes']}}", "6:49: expect.golden must be true or false"),
        (
            "{columns: [/expect/reasons], rows: {one: [[nope]]}}",
            "6:50: a[row=one]: expect.reasons: \"nope\" is no code",
        ),
        ("{columns: [/title], rows: {one: [x]}}", "6:19: the table column /title must point below /given or /expect"),
        (
            "{columns: [/given/env/a/b], rows: {one: [x]}}",
            "6:19: the table column /given/env/a/b: there is nothing below at b",
        ),
        (
            "{columns: [/given/object/spec/containers/nope/image], rows: {one: [x]}}",
            "6:18: a[row=one]: table.columns: the table column",
        ),
    ];
    for (table, wanted) in table {
        let errors = errors(&format!("given: {{{POD}}}\ntable: {table}"));
        let [error] = errors.as_slice() else { panic!("{table}\n{errors:?}") };
        let error = error.strip_prefix("cases/a.yaml:").unwrap_or(error);
        assert!(error.starts_with(wanted), "{table}\nwanted {wanted}\ngot    {error}");
    }
}

#[test]
fn overlays_add_to_what_is_there() {
    let head = "apiVersion: conjector/v1\nkind: InjectionCase\nid: a\ntitle: A case\n";
    // A matrix value without `given` keeps that of the file; expectations by range keep theirs beside cells and values.
    let text = format!(
        "{head}given: {{{POD}}}\nexpect: [{{when: {{release: '>=1.30'}}, outcome: not-called}}]\n\
         matrix: {{m: {{v: {{expect: {{reasons: [namespace-selector]}}}}}}}}\n\
         table: {{columns: [/expect/called, /given/object/spec/containers/app/image], rows: {{one: [[], b]}}}}"
    );
    let entries = load(text, &[]);
    let case = entries[0].as_ref().expect("a case");
    assert_eq!(case.id, "a[m=v,row=one]");
    assert!(case.expect.outcome.is_some() && case.expect.reasons.is_some() && case.expect.called.is_some());
    assert_eq!(case.scenario.request.object["spec"]["containers"][0]["image"].as_str(), Some("b"));
}

#[test]
fn presets_say_only_what_presets_may() {
    let entries = load(
        format!(
            "apiVersion: conjector/v1\nkind: InjectionCase\nid: a\ntitle: t\ngiven: {{{POD}}}\nexpect: {{outcome: not-called}}"
        ),
        &[("cases/presets/p.yaml", "apiVersion: conjector/v1\nkind: Preset\ngiven: {}\nexpect: {outcome: denied}\n")],
    );
    let errors: Vec<String> = entries.into_iter().filter_map(Result::err).map(|e| e.to_string()).collect();
    assert_eq!(errors, ["cases/presets/p.yaml:4:1: unknown key expect"]);
}

/// The ids of the cases of a file, with their releases.
fn ids(given: &str, rest: &str, presets: &[(&'static str, &'static str)]) -> Vec<String> {
    let text = format!(
        "apiVersion: conjector/v1\nkind: InjectionCase\nid: a\ntitle: t\ngiven: {{{given}, {POD}}}\n\
         expect: {{outcome: not-called}}\n{rest}"
    );
    let show = |entry: Result<Case, CaseError>| match entry {
        Ok(case) => format!("{} {}", case.id, case.scenario.release),
        Err(error) => error.to_string(),
    };
    load(text, presets).into_iter().map(show).collect()
}

#[test]
fn a_list_of_releases_makes_an_axis() {
    // Written without quotes, 1.10 is still 1.10.
    assert_eq!(ids("release: [1.10, 1.9.4]", "", &[]), ["a[release=1.10] 1.10.6", "a[release=1.9.4] 1.9.1"]);
    assert_eq!(ids("release: 1.10", "", &[]), ["a 1.10.6"]);
    assert_eq!(
        ids("release: ['>=1.7 <1.9', 1.0]", "matrix: {at: {x: {}, z: {}}}", &[]),
        [
            "a[release=1.7,at=x] 1.7.8",
            "a[release=1.7,at=z] 1.7.8",
            "a[release=1.8,at=x] 1.8.6",
            "a[release=1.8,at=z] 1.8.6",
            "a[release=1.0,at=x] 1.0.9",
            "a[release=1.0,at=z] 1.0.9"
        ]
    );
    let all = ids("release: [all]", "", &[]);
    assert_eq!(all.len(), Release::lines().count());
    assert_eq!(all[10], "a[release=1.10] 1.10.6");
    let text = format!(
        "apiVersion: conjector/v1\nkind: InjectionCase\nid: a\ntitle: t\nexpect: {{outcome: not-called}}\n\
         given: {{release: [1.30], installs: [{{revision: old, release: 1.10}}], {POD}}}"
    );
    let entries = load(text, &[]);
    assert_eq!(entries[0].as_ref().expect("a case").scenario.injectors["old"].release.name, "1.10.6");
    let text = format!(
        "apiVersion: conjector/v1\nkind: InjectionCase\nid: a\ntitle: t\ngiven: {{release: [1.1, 1.10], {POD}}}\n\
         expect: [{{when: {{release: 1.10}}, outcome: not-called}}, {{when: {{release: 1.1}}, outcome: skipped}}]"
    );
    let outcomes: Vec<_> =
        load(text, &[]).into_iter().map(|case| case.expect("a case").expect.outcome.map(|o| o.name())).collect();
    assert_eq!(outcomes, [Some("skipped"), Some("not-called")]);
}

#[test]
fn presets_may_sweep_over_releases() {
    const HEAD: &str = "apiVersion: conjector/v1\nkind: Preset\ngiven: ";
    let preset = |given: &str| -> &'static str { Box::leak(format!("{HEAD}{given}\n").into_boxed_str()) };
    let presets = [
        ("cases/presets/two.yaml", preset("{release: [1.10, 1.30]}")),
        ("cases/presets/one.yaml", preset("{release: 1.10}")),
    ];
    assert_eq!(ids("use: [two]", "", &presets), ["a[release=1.10] 1.10.6", "a[release=1.30] 1.30.3"]);
    assert_eq!(
        ids("use: [two], release+: [1.0]", "", &presets),
        ["a[release=1.10] 1.10.6", "a[release=1.30] 1.30.3", "a[release=1.0] 1.0.9"]
    );
    // The file's own word comes last.
    assert_eq!(ids("use: [two], release: 1.20", "", &presets), ["a 1.20.8"]);
    assert_eq!(ids("use: [one], release: [1.20]", "", &presets), ["a[release=1.20] 1.20.8"]);
    assert_eq!(
        ids("release: [1.20]", "matrix: {at: {x: {given: {use: [one]}}}}", &presets),
        [
            "cases/a.yaml:7:32: a[release=1.20,at=x]: given.use: a preset of a matrix value sets the release, over which \
          the file sweeps already"
        ]
    );
    assert_eq!(
        ids("env: {}", "matrix: {at: {x: {given: {use: [two]}}}}", &presets),
        ["cases/a.yaml:7:26: a[at=x]: given.release: a list of releases makes an axis, so it stands in the given of \
          the file or of a preset that the file itself uses, not in the values of a matrix or a table"]
    );
    let broken = [("cases/presets/p.yaml", preset("{release: [1.99]}"))];
    assert_eq!(
        ids("env: {}", "", &broken)[0],
        "cases/presets/p.yaml:3:19: given.release.0: unknown release \"1.99\" (known: 1.0 to 1.30.3) (did you mean \
         \"1.9.9\"?)"
    );
}

#[test]
fn sweeps_that_make_no_sense_are_refused() {
    let table: &[(&str, &str, &[&str])] = &[
        ("[1.9, 1.x]", "", &["5:24: a: given.release.1: unknown release \"1.x\" (known: 1.0 to 1.30.3)"]),
        (
            "[al]",
            "",
            &["5:19: a: given.release.0: unknown release \"al\" (known: 1.0 to 1.30.3) (did you mean \"all\"?)"],
        ),
        ("['>=1.9 <1.x']", "", &["5:19: a: given.release.0: \">=1.9 <1.x\" is neither a release nor a range"]),
        ("['>=1.40']", "", &["5:19: a: given.release.0: no line lies in the range \">=1.40\" (known: 1.0 to 1.30)"]),
        ("[]", "", &["5:18: a: given.release: the list is empty (write one release, a list such as"]),
        ("[~]", "", &["5:19: a: given.release.0: unknown release \"\""]),
        ("[[1.9]]", "", &["5:19: given.release[0] must be a release, but is a list"]),
        ("{a: b}", "", &["5:18: given.release must be a release, but is a mapping"]),
        ("[1.9, '>=1.8 <1.10']", "", &["5:24: a: given.release.1: the release 1.9 is already in the list"]),
        (
            "[1.9, 1.9.9]",
            "",
            &["5:24: a: given.release.1: 1.9.9 is the release 1.9.9, which is already in the list as 1.9"],
        ),
        (
            "all",
            "",
            &[
                "5:18: a: given.release: unknown release \"all\" (known: 1.0 to 1.30.3) (more than one release is a list: [\"all\"])",
            ],
        ),
        ("'>=1.9'", "", &["5:18: a: given.release: unknown release \">=1.9\" (known: 1.0 to 1.30.3) (more than one"]),
        (
            "[1.9]",
            "matrix: {release: {x: {}}}\ntable: {columns: [/given/release], rows: {one: [1.10]}}",
            &[
                "7:10: the matrix axis release sets the release, over which the file sweeps already (a list given",
                "8:19: the table column /given/release sets the release, over which",
            ],
        ),
        ("[1.9]", "matrix: {at: {x: {given: {release: 1.10}}}}", &["7:27: the matrix value x of at sets the release"]),
        ("1.9", "matrix: {at: {x: {given: {release: [1.10]}}}}", &["7:36: a[at=x]: given.release: a list of releases"]),
        (
            "1.9",
            "table: {columns: [/given/release], rows: {x: [[1.10]]}}",
            &["7:47: a[row=x]: given.release: a list of"],
        ),
        ("1.9", "matrix: {at: {1.10: {}}}", &["7:15: matrix.at: the key 1.10 reads as 1.1; put it in quotes"]),
        (
            "1.9",
            "table: {columns: [/given/release], rows: {yes: [1.10]}}",
            &["7:43: table.rows: the key yes reads as true"],
        ),
    ];
    for (release, rest, wanted) in table {
        let found = ids(&format!("release: {release}"), rest, &[]);
        let fits = |(found, wanted): (&String, &&str)| {
            found.strip_prefix("cases/a.yaml:").is_some_and(|f| f.starts_with(wanted))
        };
        assert!(
            found.len() == wanted.len() && found.iter().zip(*wanted).all(fits),
            "{release} {rest}\nwanted {wanted:#?}\ngot {found:#?}"
        );
    }
    // One cell, one release, as it is written.
    assert_eq!(ids("env: {}", "table: {columns: [/given/release], rows: {x: [1.10]}}", &[]), ["a[row=x] 1.10.6"]);
}
