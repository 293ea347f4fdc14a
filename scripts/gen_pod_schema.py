#!/usr/bin/env python3
"""Generates src/k8s/schema/table.rs: gen_pod_schema.py pod-schema.json > src/k8s/schema/table.rs

The input is a list of every Go struct reachable from Pod with its fields, read from the compiled API by reflection."""
import json
import re
import sys

# Named string types, which Go's decoding errors call by their names: field (or STRUCT.field) to type.
NAMED = {
    'ObjectMeta.uid': 'types.UID', 'OwnerReference.uid': 'types.UID', 'ManagedFieldsEntry.operation': 'v1.ManagedFieldsOperationType',
    'restartPolicy': 'v1.RestartPolicy', 'Container.restartPolicy': 'v1.ContainerRestartPolicy',
    'EphemeralContainerCommon.restartPolicy': 'v1.ContainerRestartPolicy', 'EphemeralContainer.restartPolicy': 'v1.ContainerRestartPolicy',
    'dnsPolicy': 'v1.DNSPolicy', 'preemptionPolicy': 'v1.PreemptionPolicy', 'imagePullPolicy': 'v1.PullPolicy', 'pullPolicy': 'v1.PullPolicy',
    'terminationMessagePolicy': 'v1.TerminationMessagePolicy', 'protocol': 'v1.Protocol', 'mountPropagation': 'v1.MountPropagationMode',
    'recursiveReadOnly': 'v1.RecursiveReadOnlyMode', 'scheme': 'v1.URIScheme', 'medium': 'v1.StorageMedium',
    'HostPathVolumeSource.type': 'v1.HostPathType', 'SeccompProfile.type': 'v1.SeccompProfileType', 'AppArmorProfile.type': 'v1.AppArmorProfileType',
    'PodOS.name': 'v1.OSName', 'fsGroupChangePolicy': 'v1.PodFSGroupChangePolicy', 'supplementalGroupsPolicy': 'v1.SupplementalGroupsPolicy',
    'seLinuxChangePolicy': 'v1.PodSELinuxChangePolicy', 'whenUnsatisfiable': 'v1.UnsatisfiableConstraintAction',
    'nodeAffinityPolicy': 'v1.NodeInclusionPolicy', 'nodeTaintsPolicy': 'v1.NodeInclusionPolicy', 'effect': 'v1.TaintEffect',
    'Toleration.operator': 'v1.TolerationOperator', 'NodeSelectorRequirement.operator': 'v1.NodeSelectorOperator',
    'LabelSelectorRequirement.operator': 'v1.LabelSelectorOperator', 'conditionType': 'v1.PodConditionType', 'PodCondition.type': 'v1.PodConditionType',
    'PodCondition.status': 'v1.ConditionStatus', 'phase': 'v1.PodPhase', 'qosClass': 'v1.PodQOSClass', 'volumeMode': 'v1.PersistentVolumeMode',
    'accessModes': '[]v1.PersistentVolumeAccessMode', 'procMount': 'v1.ProcMountType', 'Capabilities.add': '[]v1.Capability',
    'Capabilities.drop': '[]v1.Capability', 'cachingMode': 'v1.AzureDataDiskCachingMode', 'AzureDiskVolumeSource.kind': 'v1.AzureDataDiskKind',
    'resize': 'v1.PodResizeStatus', 'stopSignal': 'v1.Signal', 'ContainerResizePolicy.resourceName': 'v1.ResourceName',
    'ContainerResizePolicy.restartPolicy': 'v1.ResourceResizeRestartPolicy', 'ContainerRestartRule.action': 'v1.ContainerRestartRuleAction',
    'ContainerRestartRuleOnExitCodes.operator': 'v1.ContainerRestartRuleOnExitCodesOperator', 'ResourceStatus.name': 'v1.ResourceName',
    'ResourceHealth.resourceID': 'v1.ResourceID', 'ResourceHealth.health': 'v1.ResourceHealthStatus',
    'limits': 'v1.ResourceList', 'requests': 'v1.ResourceList', 'overhead': 'v1.ResourceList', 'allocatedResources': 'v1.ResourceList',
    'NodeAllocatableResourceClaimStatus.resources': 'map[v1.ResourceName]resource.Quantity',
}

# The minor version of Kubernetes that brought a field or all fields of a struct, where that is 1.11 or later.
SINCE = {
    'ObjectMeta': {'managedFields': 16},
    'ManagedFieldsEntry': {'subresource': 22},
    'NodeSelectorTerm': {'matchFields': 11},
    'CinderVolumeSource': {'secretRef': 11},
    'QuobyteVolumeSource': {'tenant': 16},
    'PodSpec': {'readinessGates': 11, 'enableServiceLinks': 13, 'runtimeClassName': 13, 'ephemeralContainers': 16, 'overhead': 16,
                'preemptionPolicy': 16, 'topologySpreadConstraints': 16, 'setHostnameAsFQDN': 19, 'os': 23, 'hostUsers': 25, 'schedulingGates': 26, 'resourceClaims': 26, 'resources': 32,
                'hostnameOverride': 34, 'schedulingGroup': 36},
    'PodStatus': {'ephemeralContainerStatuses': 16, 'podIPs': 16, 'observedGeneration': 33, 'hostIPs': 28, 'resize': 27, 'resourceClaimStatuses': 28, 'extendedResourceClaimStatus': 34,
                  'allocatedResources': 35, 'resources': 35, 'nodeAllocatableResourceClaimStatuses': 36},
    'Container': {'startupProbe': 16, 'resizePolicy': 27, 'restartPolicy': 28, 'restartPolicyRules': 34},
    'PodSecurityContext': {'sysctls': 11, 'windowsOptions': 16, 'supplementalGroupsPolicy': 31, 'fsGroupChangePolicy': 18, 'seccompProfile': 19, 'appArmorProfile': 30,
                           'seLinuxChangePolicy': 32},
    'TopologySpreadConstraint': {'minDomains': 24, 'nodeAffinityPolicy': 25, 'nodeTaintsPolicy': 25, 'matchLabelKeys': 25},
    'PodResourceClaim': {'resourceClaimName': 31, 'resourceClaimTemplateName': 31},
    'ResourceRequirements': {'claims': 26},
    'PodCondition': {'observedGeneration': 33},
    'ContainerStatus': {'started': 16, 'allocatedResources': 27, 'resources': 27, 'volumeMounts': 30, 'user': 31, 'allocatedResourcesStatus': 31,
                        'stopSignal': 33},
    'VolumeMount': {'subPathExpr': 16, 'recursiveReadOnly': 30},
    'VolumeSource': {'csi': 16, 'ephemeral': 19, 'image': 31},
    'Probe': {'terminationGracePeriodSeconds': 21},
    'ProbeHandler': {'grpc': 23},
    'Lifecycle': {'stopSignal': 33},
    'LifecycleHandler': {'sleep': 29},
    'SecurityContext': {'procMount': 13, 'windowsOptions': 16, 'seccompProfile': 19, 'appArmorProfile': 30},
    'WindowsSecurityContextOptions': {'hostProcess': 22},
    'ResourceClaim': {'request': 31},
    'VolumeMountStatus': {'volumeStatus': 36},
    'VolumeProjection': {'serviceAccountToken': 11, 'clusterTrustBundle': 29, 'podCertificate': 34},
    'EnvVarSource': {'fileKeyRef': 34},
    'PodAffinityTerm': {'namespaceSelector': 21, 'matchLabelKeys': 29, 'mismatchLabelKeys': 29},
    'ResourceHealth': {'message': 36},
    'TypedObjectReference': {'namespace': 26},
    'PodCertificateProjection': {'userAnnotations': 35},
    'PersistentVolumeClaimSpec': {'dataSource': 12, 'dataSourceRef': 22, 'volumeAttributesClassName': 29},
}

# Fields that are gone: the field that follows it and its description, with the last minor version that had it.
GONE = {
    'ObjectMeta': [('managedFields', {'json': 'clusterName', 'go': 'ClusterName', 'type': 'string', 'omitempty': True, 'until': 24})],
    'EphemeralVolumeSource': [(None, {'json': 'readOnly', 'go': 'ReadOnly', 'type': 'bool', 'omitempty': True, 'until': 20})],
    'PodResourceClaim': [(None, {'json': 'source', 'go': 'Source', 'type': {'struct': 'core.v1.ClaimSource'}, 'omitempty': True, 'until': 30})],
    'PodSpec': [('schedulingGroup', {'json': 'workloadRef', 'go': 'WorkloadRef', 'type': {'struct': 'core.v1.WorkloadReference'}, 'pointer': True,
                                     'omitempty': True, 'since': 35, 'until': 35})],
}

# Structs that are gone with them.
GONE_TYPES = {
    'core.v1.ClaimSource': [{'json': 'resourceClaimName', 'go': 'ResourceClaimName', 'type': 'string', 'pointer': True, 'omitempty': True},
                            {'json': 'resourceClaimTemplateName', 'go': 'ResourceClaimTemplateName', 'type': 'string', 'pointer': True,
                             'omitempty': True}],
    'core.v1.WorkloadReference': [{'json': 'name', 'go': 'Name', 'type': 'string'}, {'json': 'podGroup', 'go': 'PodGroup', 'type': 'string'},
                                  {'json': 'podGroupReplicaKey', 'go': 'PodGroupReplicaKey', 'type': 'string', 'omitempty': True}],
}

# The minor version from which on a field is printed even when empty.
ALWAYS_FROM = {'HostAlias.ip': 31, 'HostIP.ip': 31, 'PodIP.ip': 31}

# The minor version up to which a field was printed even when empty.
ALWAYS_UNTIL = {'PersistentVolumeClaimSpec.dataSource': 13}

# The embedded structs are not in the input: their fields, in Go's order, are found by where their types are first met.
VOLUME_SOURCES = ['HostPath', 'EmptyDir', 'GCEPersistentDisk', 'AWSElasticBlockStore', 'GitRepo', 'Secret', 'NFS', 'ISCSI', 'Glusterfs',
                  'PersistentVolumeClaim', 'RBD', 'FlexVolume', 'Cinder', 'CephFS', 'Flocker', 'DownwardAPI', 'FC', 'AzureFile', 'ConfigMap',
                  'VsphereVolume', 'Quobyte', 'AzureDisk', 'PhotonPersistentDisk', 'Projected', 'PortworxVolume', 'ScaleIO', 'StorageOS', 'CSI',
                  'Ephemeral', 'Image']
PROBE_HANDLERS = ['Exec', 'HTTPGet', 'TCPSocket', 'GRPC']


def embedded_fields(types, go_names, path):
    """Pointer fields of an embedded struct: each Go name with the type first met at that path."""
    found = {t['path'].rsplit('.', 1)[-1].lower(): t for t in types if t['path'].rsplit('.', 1)[0] == path}
    fields = []
    for go in go_names:
        t = found[go.lower()]
        fields.append({'go': go, 'json': t['path'].rsplit('.', 1)[-1], 'omitempty': True, 'pointer': True, 'type': {'struct': t['name']}})
    return {'fields': fields}


def text(value):
    return json.dumps(value)


def constant(name):
    return re.sub(r'(?<=[a-z0-9])(?=[A-Z])|(?<=[A-Z])(?=[A-Z][a-z])', '_', name.split('.')[-1]).upper()


def kind(ty):
    if isinstance(ty, str):
        return {'string': 'Str', 'bool': 'Bool', 'int32': 'Int32', 'int64': 'Int64', 'quantity': 'Quantity', 'intOrString': 'IntOrString',
                'time': 'Time', 'microTime': 'Time', 'duration': 'Time', 'rawJSON': 'Raw'}[ty]
    (key, inner), = ty.items()
    if key == 'struct':
        return f'Struct(&{constant(inner)})'
    return f'{"List" if key == "list" else "Map"}(&Kind::{kind(inner)})'


def go_type(struct, field):
    short = struct.split('.')[-1]
    named = NAMED.get(f'{short}.{field["json"]}') or NAMED.get(field['json'])
    ty = field['type']
    if named and (isinstance(ty, str) and ty == 'string' or isinstance(ty, dict) and 'struct' not in ty):
        return named

    def of(ty):
        if isinstance(ty, str):
            return {'quantity': 'resource.Quantity', 'intOrString': 'intstr.IntOrString', 'time': 'v1.Time', 'rawJSON': 'v1.FieldsV1'}.get(ty, ty)
        (key, inner), = ty.items()
        if key == 'struct':
            return 'v1.' + inner.split('.')[-1]
        return ('[]' if key == 'list' else 'map[string]') + of(inner)
    return of(ty)


def main():
    schema = json.load(open(sys.argv[1]))
    types = {t['name']: t for t in schema['types']}
    types['meta.v1.TypeMeta'] = {'fields': [{'go': 'Kind', 'json': 'kind', 'type': 'string', 'omitempty': True},
                                            {'go': 'APIVersion', 'json': 'apiVersion', 'type': 'string', 'omitempty': True}]}
    types['core.v1.VolumeSource'] = embedded_fields(schema['types'], VOLUME_SOURCES, 'spec.volumes[]')
    types['core.v1.EphemeralContainerCommon'] = {'fields': types['core.v1.Container']['fields']}
    types['core.v1.ProbeHandler'] = {'fields': [
        {'go': go, 'json': js, 'omitempty': True, 'pointer': True, 'type': {'struct': f'core.v1.{go}Action'}}
        for go, js in zip(PROBE_HANDLERS, ['exec', 'httpGet', 'tcpSocket', 'grpc'])]}
    for name, gone in GONE.items():
        fields = types[f'{"meta" if name == "ObjectMeta" else "core"}.v1.{name}']['fields']
        for before, field in gone:
            at = next((i for i, f in enumerate(fields) if f['json'] == before), len(fields))
            fields.insert(at, field)
    types.update({name: {'fields': fields} for name, fields in GONE_TYPES.items()})
    print('// Generated by scripts/gen_pod_schema.py; do not edit.')
    print('// One static a Go struct reachable from Pod: fields in Go order, embedded structs flattened.')
    print()
    print('use super::{Field, Kind, Merge, Type};')
    for name, t in types.items():
        fields = []

        def add(owner, embedded):
            for f in types[owner]['fields']:
                if f.get('inline'):
                    add(f['type']['struct'], embedded + [f['go']])
                    continue
                flags = []
                always_from = ALWAYS_FROM.get(f'{owner.split(".")[-1]}.{f["json"]}')
                if f.get('omitempty') or f.get('omitzero') or always_from:
                    flags.append('omit: true')
                if f.get('omitzero'):
                    flags.append('omit_zero: true')
                if f.get('pointer'):
                    flags.append('pointer: true')
                if f.get('patchStrategy') or f.get('patchMergeKey'):
                    strategy = f.get('patchStrategy', '')
                    flags.append('merge: Some(Merge { merge: %s, retain_keys: %s, key: %s })' % (
                        'true' if 'merge' in strategy else 'false', 'true' if 'retainKeys' in strategy else 'false', text(f.get('patchMergeKey', ''))))
                always_until = ALWAYS_UNTIL.get(f'{owner.split(".")[-1]}.{f["json"]}')
                if always_until:
                    flags.append('always_until: %d' % always_until)
                if always_from:
                    flags.append('always_from: %d' % always_from)
                since = f.get('since') or SINCE.get(owner.split('.')[-1].replace('EphemeralContainerCommon', 'Container'), {}).get(f['json'])
                if since:
                    flags.append('since: %d' % since)
                if f.get('until'):
                    flags.append('until: %d' % f['until'])
                if embedded:
                    flags.append('embedded: %s' % text('.'.join(embedded)))
                fields.append('    Field { json: %s, go: %s, kind: Kind::%s, go_type: %s, %s..Field::DEFAULT },' % (
                    text(f['json']), text(f['go']), kind(f['type']), text(go_type(owner, f)), ''.join(x + ', ' for x in flags)))
        add(name, [])
        if name in ('meta.v1.TypeMeta', 'core.v1.VolumeSource', 'core.v1.EphemeralContainerCommon', 'core.v1.ProbeHandler'):
            continue
        print()
        print(f'/// `{name}`')
        print(f'pub static {constant(name)}: Type = Type::new({text("v1." + name.split(".")[-1])}, {text("*v1." + name.split(".")[-1])}, &[')
        print('\n'.join(fields))
        print(']);')


main()
