//! YAML as `sigs.k8s.io/yaml` (go-yaml v2) reads and writes it.
