#!/usr/bin/env python3
"""Generates src/injector/manual/kinds/table.rs: gen_kinds.py GOMODCACHE > src/injector/manual/kinds/table.rs

Reads the Go structs of workloads in the sources of k8s.io/api, one version a minor release of Kubernetes, and of openshift/api (whose
DeploymentConfig has not changed from 2020 to 2026), and writes one table with what came, went and changed. Structs that are reachable from
a pod are those of src/k8s/schema/table.rs."""
import glob
import os
import re
import sys

# Releases before modules were tagged.
UNTAGGED = {10: ('v0.0.0-20180628040859-072894a440bd', 'v0.0.0-20190221213512-86fb29eff628'),
            13: ('v0.0.0-20190222213804-5cb15d344471', 'v0.0.0-20190221213512-86fb29eff628'),
            16: ('v0.0.0-20191003000013-35e20aa79eb8', 'v0.0.0-20190913080033-27d36303b655'),
            17: ('v0.17.2', 'v0.17.2'), 18: ('v0.18.1', 'v0.18.1'), 19: ('v0.19.3', 'v0.19.3')}
MINORS = [*UNTAGGED, *range(20, 36)]
OPENSHIFT = 'github.com/openshift/api@v0.0.0-20260320151444-324a1bcb9f55/apps/v1'

# Go package: folder below k8s.io/api, prefix of its constants here, its name in Go.
PACKAGES = {'apps': ('apps/v1', '', 'v1'), 'beta': ('apps/v1beta1', 'BETA_', 'v1beta1'), 'ext': ('extensions/v1beta1', 'EXTENSIONS_', 'v1beta1'),
            'batch': ('batch/v1', '', 'v1'), 'alpha': ('batch/v2alpha1', 'ALPHA_', 'v2alpha1'), 'core': ('core/v1', '', 'v1')}
IMPORTS = {'v1': 'core', 'corev1': 'core', 'batchv1': 'batch', 'metav1': 'meta'}
EARLY = [('ext', 'Deployment'), ('ext', 'DaemonSet'), ('ext', 'ReplicaSet'), ('beta', 'StatefulSet')]
ROOTS = [('apps', 'Deployment'), ('apps', 'DaemonSet'), ('apps', 'ReplicaSet'), ('apps', 'StatefulSet'), ('batch', 'Job'),
         ('core', 'ReplicationController'), ('meta', 'List'), ('openshift', 'DeploymentConfig')]


def without_comments(line):
    quoted = False
    for i, c in enumerate(line):
        quoted ^= c == '`'
        if not quoted and line.startswith('//', i):
            return line[:i]
    return line


def read(folder):
    """The structs of a Go package and its other named types."""
    structs, named = {}, {}
    for file in sorted(glob.glob(folder + '/*.go')):
        if re.search(r'_test\.go$|generated|zz_', file):
            continue
        source = re.sub(r'/\*.*?\*/', '', open(file).read(), flags=re.S)
        source = '\n'.join(without_comments(line) for line in source.split('\n'))
        for name, body in re.findall(r'^type (\w+) struct \{\n(.*?)^\}', source, flags=re.S | re.M):
            fields = []
            for line in filter(None, map(str.strip, body.split('\n'))):
                m = re.match(r'(?:(\w+)\s+)?([*\[\]\w.]+)\s*(?:`([^`]*)`)?$', line)
                if not m:
                    continue
                tag = re.search(r'json:"([^"]*)"', m[3] or '')
                json, *options = tag[1].split(',') if tag else ['']
                fields.append({'json': json, 'type': m[2], 'omit': 'omitempty' in options, 'zero': 'omitzero' in options,
                               'inline': not m[1] and not json})
            structs[name] = fields
        for name, ty in re.findall(r'^\s*(?:type )?(\w+) ([\w.\[\]*]+)\s*$', source, flags=re.M):
            if re.match(r'string|int32|int64|bool|\[\]', ty):
                named.setdefault(name, ty)
    return structs, named


class Release:
    """The types of one minor release."""

    def __init__(self, modules, minor):
        api, machinery = UNTAGGED.get(minor, (f'v0.{minor}.0',) * 2)
        folders = {name: f'{modules}/k8s.io/api@{api}/{folder}' for name, (folder, _, _) in PACKAGES.items()}
        folders['meta'] = f'{modules}/k8s.io/apimachinery@{machinery}/pkg/apis/meta/v1'
        folders['openshift'] = f'{modules}/{OPENSHIFT}'
        self.packages = {name: read(folder) for name, folder in folders.items() if os.path.isdir(folder)}
        self.met = {}
        cron = [('alpha', 'CronJob')] if minor <= 20 else [('batch', 'CronJob')]
        for root in ROOTS + cron + (EARLY if minor <= 11 else []):
            self.meet(*root)

    def meet(self, package, name):
        if (package, name) in self.met:
            return
        self.met[package, name] = fields = []
        for field in self.packages[package][0][name]:
            if field['inline']:
                fields += [{'json': json, 'kind': 'Str', 'go': 'string', 'omit': True, 'pointer': False, 'embedded': 'TypeMeta'}
                           for json in ('kind', 'apiVersion')]
                continue
            ty = field['type']
            kind, go = self.kind(package, ty.lstrip('*'))
            fields.append({'json': field['json'], 'kind': kind, 'go': go, 'omit': field['omit'], 'pointer': ty.startswith('*')})

    def kind(self, package, ty):
        """The kind of a type here, and what Go calls it."""
        plain = {'string': 'Str', 'bool': 'Bool', 'int32': 'Int32', 'int64': 'Int64'}
        if ty in plain:
            return plain[ty], ty
        if ty.startswith('[]'):
            kind, go = self.kind(package, ty[2:])
            return f'List({kind})', '[]' + go
        if ty.startswith('map['):
            key, value = ty[len('map['):].split(']', 1)
            kind, go = self.kind(package, value)
            return f'Map({kind})', f'map[{self.kind(package, key)[1]}]{go}'
        owner, _, name = ty.rpartition('.')
        special = {'Quantity': ('Quantity', 'resource.Quantity'), 'IntOrString': ('IntOrString', 'intstr.IntOrString'),
                   'Time': ('Time', 'v1.Time'), 'UID': ('Str', 'types.UID'), 'RawExtension': ('Raw', 'runtime.RawExtension')}
        if name in special:
            return special[name]
        package = ('meta' if owner == 'v1' and package == 'core' else IMPORTS[owner]) if owner else package
        structs, named = self.packages[package]
        go = f'{PACKAGES.get(package, (0, 0, "v1"))[2]}.{name}'
        if name == 'ResourceList':
            return 'Map(Quantity)', go
        if name in named:
            return self.kind(package, named[name])[0], go
        if constant(package, name) not in POD:
            self.meet(package, name)
        return f'Struct({constant(package, name)})', go


def constant(package, name):
    words = re.sub(r'(?<=[a-z0-9])(?=[A-Z])|(?<=[A-Z])(?=[A-Z][a-z])', '_', name).upper()
    return {'openshift': 'OPENSHIFT_'}.get(package, PACKAGES.get(package, (0, '', 0))[1]) + words


def rust(kind):
    m = re.match(r'(\w+)\((.*)\)$', kind)
    if not m:
        return f'Kind::{kind}'
    if m[1] == 'Struct':
        return f'Kind::Struct(&{"schema::" if m[2] in POD else ""}{m[2]})'
    return f'Kind::{m[1]}(&{rust(m[2])})'


def row(versions, last):
    """The row of a field from what each release of its struct says; None for those that lack it."""
    there = {minor: field for minor, field in versions.items() if field}
    field = there[max(there)]
    flags = []
    omit = {minor: f['omit'] for minor, f in there.items()}
    if any(omit.values()):
        flags.append('omit: true')
    if any(omit.values()) and not all(omit.values()):
        shown = [minor for minor, o in omit.items() if not o]
        flags.append(f'always_from: {min(shown)}' if max(shown) == max(there) else f'always_until: {max(shown)}')
    if field['pointer']:
        flags.append('pointer: true')
    if min(there) > min(versions):
        flags.append(f'since: {min(there)}')
    if max(there) < last:
        flags.append(f'until: {max(there)}')
    if 'embedded' in field:
        flags.append(f'embedded: "{field["embedded"]}"')
    flags = ''.join(flag + ', ' for flag in flags)
    return f'    Field {{ json: "{field["json"]}", kind: {rust(field["kind"])}, go_type: "{field["go"]}", {flags}..Field::DEFAULT }},'


def main():
    releases = {minor: Release(sys.argv[1], minor) for minor in MINORS}
    structs = {}
    for minor, release in releases.items():
        for key, fields in release.met.items():
            structs.setdefault(key, {})[minor] = fields
    print('// Generated by scripts/gen_kinds.py; do not edit.')
    print('// One static a Go struct reachable from a workload and not from a pod: fields in Go order, embedded structs flattened.')
    print()
    print('use crate::k8s::schema::{self, Field, Kind, Type};')
    for (package, name), by_minor in sorted(structs.items(), key=lambda s: constant(*s[0])):
        names = [field['json'] for field in by_minor[max(by_minor)]]
        names += sorted({f['json'] for fields in by_minor.values() for f in fields} - set(names))
        go = f'{PACKAGES.get(package, (0, 0, "v1"))[2]}.{name}'
        print(f'\npub(super) static {constant(package, name)}: Type = Type::new("{go}", "*{go}", &[')
        for json in names:
            print(row({minor: next((f for f in fields if f['json'] == json), None) for minor, fields in by_minor.items()}, max(by_minor)))
        print(']);')


TABLE = os.path.join(os.path.dirname(__file__), '../src/k8s/schema/table.rs')
POD = set(re.findall(r'^pub static (\w+): Type', open(TABLE).read(), flags=re.M))
main()
