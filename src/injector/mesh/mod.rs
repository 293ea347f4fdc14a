//! MeshConfig and ProxyConfig as the injector reads them.
