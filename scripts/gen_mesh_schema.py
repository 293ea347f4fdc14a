#!/usr/bin/env python3
"""Generates src/injector/mesh/table.rs: gen_mesh_schema.py schema-1.30.3.json > src/injector/mesh/table.rs

The input lists every protobuf message reachable from MeshConfig and ProxyConfig with its fields and enums, read from the
compiled API by reflection."""
import json
import re
import sys

PACKAGES = {'google.protobuf.Duration': 'durationpb', 'google.protobuf.Struct': 'structpb', 'google.protobuf.Value': 'structpb',
            'google.protobuf.ListValue': 'structpb', 'google.protobuf.NullValue': 'structpb'}


# The minor release of Istio that brought a field or an enum's value, where that is 1.10 or later. Of messages that are new as a
# whole only the field that leads to them counts.
SINCE = {
    'ProxyConfig': {'tracingServiceName': 13, 'runtimeValues': 14, 'image': 12, 'privateKeyProvider': 14, 'proxyHeaders': 19,
                    'fileFlushInterval': 29, 'fileFlushMinSizeKb': 29, 'statsCompression': 29},
    'Tracing': {'enableIstioTags': 25},
    'ClientTLSSettings': {'insecureSkipVerify': 12, 'caCrl': 22},
    'Topology': {'proxyProtocol': 19},
    'ReadinessProbe': {'grpc': 25},
    'PrivateKeyProvider': {'qat': 17},
    'CryptoMb': {'fallback': 21},
    'QAT': {'fallback': 21},
    'ProxyHeaders': {'setCurrentClientCertDetails': 24, 'preserveHttp1HeaderCase': 25, 'xForwardedHost': 28, 'xForwardedPort': 28},
    'MeshConfig': {'proxyInboundListenPort': 18, 'hboneIdleTimeout': 29, 'inboundTrafficPolicy': 22, 'serviceScopeConfigs': 27,
                   'defaultProviders': 10, 'discoverySelectors': 10, 'defaultHttpRetryPolicy': 12, 'meshMTLS': 14, 'tlsDefaults': 18},
    'OutboundTrafficPolicy': {'tls': 30},
    'CertificateData': {'certSigners': 12, 'trustDomains': 12},
    'LocalityLoadBalancerSetting': {'failoverPriority': 12},
    'ExtensionProvider': {'zipkin': 10, 'lightstep': 10, 'datadog': 10, 'stackdriver': 10, 'opencensus': 10, 'skywalking': 11,
                          'opentelemetry': 16, 'prometheus': 11, 'envoyFileAccessLog': 11, 'envoyHttpAls': 13, 'envoyTcpAls': 13,
                          'envoyOtelAls': 13, 'sds': 27},
    'EnvoyExternalAuthorizationHttpProvider': {'timeout': 10, 'clearRouteCache': 25, 'includeRequestHeadersInCheck': 10,
                                               'includeAdditionalHeadersInCheck': 10, 'includeRequestBodyInCheck': 10,
                                               'headersToDownstreamOnAllow': 14},
    'EnvoyExternalAuthorizationGrpcProvider': {'timeout': 10, 'clearRouteCache': 25, 'includeRequestBodyInCheck': 10},
    'ZipkinTracingProvider': {'enable64bitTraceId': 18, 'path': 24, 'traceContextOption': 28, 'timeout': 29, 'headers': 29},
    'HttpHeader': {'envName': 26},
    'StackdriverProvider': {'logging': 13},
    'OpenTelemetryTracingProvider': {'http': 22, 'grpc': 24, 'resourceDetectors': 22, 'serviceAttributeEnrichment': 30,
                                     'dynatraceSampler': 22},
    'EnvoyFileAccessLogProvider': {'logFormat': 13, 'omitEmptyValues': 26},
    'DefaultProviders': {'metrics': 11, 'accessLogging': 11},
    'HTTPRetry': {'retryIgnorePreviousHosts': 26, 'backoff': 26},
    'TLSConfig': {'ecdhCurves': 18, 'cipherSuites': 19},
}

# Fields that are no more: the field before them, and the last minor release that had them.
GONE = {
    'ProxyConfig': [('drainDuration', 'parentShutdownDuration', 'parent_shutdown_duration', 'google.protobuf.Duration', 16)],
    'MeshConfig': [('certificates', 'thriftConfig', 'thrift_config', 'istio.mesh.v1alpha1.MeshConfig.ThriftConfig', 16)],
}
GONE_MESSAGES = [{'message': 'istio.mesh.v1alpha1.MeshConfig.ThriftConfig', 'fields': [
    {'json': 'rateLimitUrl', 'proto': 'rate_limit_url', 'go': 'RateLimitUrl', 'kind': 'string'},
    {'json': 'rateLimitTimeout', 'proto': 'rate_limit_timeout', 'go': 'RateLimitTimeout', 'kind': 'message', 'type': 'google.protobuf.Duration'}]}]
# Enum values that came later than their enums.
LATER_VALUES = {('istio.mesh.v1alpha1.ProxyConfig.InboundInterceptionMode', 'NONE'): 14,
                ('istio.mesh.v1alpha1.MeshConfig.OutboundTrafficPolicy.Mode', 'ALLOW_ANY_DYNAMIC_DNS'): 30}


def constant(name):
    words = name.replace('istio.', '').replace('google.protobuf.', 'pb.').replace('.v1alpha1', '').replace('.v1alpha3', '').replace('.v1beta1', '')
    return re.sub(r'(?<=[a-z0-9])(?=[A-Z])|(?<=[A-Z])(?=[A-Z][a-z])', '_', words.replace('.', '_')).upper()


def go_name(name):
    """Go's name of a message or enum: nested ones are joined by underscores."""
    package, nested = re.match(r'([a-z0-9.]+?)\.([A-Z].*)', name).groups()
    go_package = PACKAGES.get(name) or ('wrapperspb' if package == 'google.protobuf' else package.rsplit('.', 1)[-1])
    return f"{go_package}.{nested.replace('.', '_')}"


def getter(proto):
    """The name that protoc-gen-go makes of a field: letters after an underscore or a digit are capitals."""
    out, capital = '', True
    for c in proto:
        if c == '_':
            capital = True
        elif c.isdigit():
            out, capital = out + c, True
        else:
            out, capital = out + (c.upper() if capital and c.islower() else c), False
    return out


def kind(field):
    name = field['kind']
    if field.get('map'):
        name = field['map'].split('->')[1]
    if name in ('message', 'enum'):
        return f"Kind::{name.capitalize()}(&{constant(field['type'])})"
    return 'Kind::' + {'double': 'Double'}.get(name, name.capitalize())


def main():
    schema = json.load(open(sys.argv[1]))
    print('// Generated by scripts/gen_mesh_schema.py; do not edit.\n')
    print('use super::schema::{Enum, Field, Kind, Message, Repeat};\n')
    for name, values in sorted(schema['enums'].items()):
        pairs = ', '.join(f'({json.dumps(k)}, {v}, {LATER_VALUES.get((name, k), 0)})' for k, v in sorted(values.items(), key=lambda kv: kv[1]))
        print(f'pub(super) static {constant(name)}: Enum = Enum {{ name: {json.dumps(name)}, go: {json.dumps(go_name(name))}, values: &[{pairs}] }};')
    for message in schema['messages'] + GONE_MESSAGES:
        name, methods = message['message'], message.get('methods')
        short = name.split('.')[-1]
        pointer = '*' + go_name(name)
        print(f'\npub(super) static {constant(name)}: Message = Message {{ name: {json.dumps(name)}, pointer: {json.dumps(pointer)}, fields: &[')
        fields = list(message['fields'] or [])
        for before, js, proto, ty, until in GONE.get(short, []):
            at = [f['json'] for f in fields].index(before) + 1
            fields.insert(at, {'json': js, 'proto': proto, 'go': getter(proto), 'kind': 'message', 'type': ty, 'until': until})
        for field in fields:
            go = field['go'] or getter(field['proto'])
            if methods is not None and 'until' not in field and 'Get' + go not in methods:
                sys.exit(f'{name}.{go}: no such getter')
            repeat = 'Map' if field.get('map') else 'List' if field.get('list') else 'One'
            print(f"    Field {{ json: {json.dumps(field['json'])}, proto: {json.dumps(field['proto'])}, go: {json.dumps(go)}, kind: {kind(field)}, "
                  f"repeat: Repeat::{repeat}, oneof: {json.dumps(field.get('oneof', ''))}, since: {SINCE.get(short, {}).get(field['json'], 0)}, until: {field.get('until', 255)} }},")
        print('] };')


main()
