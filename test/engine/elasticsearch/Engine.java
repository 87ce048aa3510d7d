import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import java.util.Set;

import org.elasticsearch.common.logging.LogConfigurator;
import org.elasticsearch.common.settings.Settings;
import org.elasticsearch.env.Environment;
import org.elasticsearch.http.HttpServerTransport;
import org.elasticsearch.node.Node;
import org.elasticsearch.plugins.PluginsLoader;

/** Runs one node of Elasticsearch until its standard input ends. Its argument is the node's home. */
class Engine {
    public static void main(String[] args) throws Exception {
        Path home = Path.of(args[0]);
        Files.writeString(home.resolve("modules/transport-netty4/plugin-descriptor.properties"), """
            name=transport-netty4
            description=HTTP
            version=8.18.8
            elasticsearch.version=8.18.8
            java.version=17
            classname=org.elasticsearch.transport.netty4.Netty4Plugin
            """);
        Settings settings = Settings.builder()
            .put("path.home", home)
            .put("node.name", "engine")
            .put("discovery.type", "single-node")
            .put("network.host", "127.0.0.1")
            .put("http.port", "0")
            .put("transport.port", "0")
            // A test deletes all that the one before it left.
            .put("action.destructive_requires_name", false)
            // How full the machine's disk is matters to no test.
            .put("cluster.routing.allocation.disk.threshold_enabled", false)
            .build();
        LogConfigurator.configureESLogging();
        LogConfigurator.setNodeName("engine");
        // Without the exports between modules that the launcher of Elasticsearch prepares: here all is on the class path.
        PluginsLoader modules = PluginsLoader.createPluginsLoader(
            PluginsLoader.loadModulesBundles(home.resolve("modules")), Set.of(), Map.of(), false);
        try (Node node = new Node(new Environment(settings, home.resolve("config")), modules)) {
            node.start();
            System.out.println("serves " + node.injector().getInstance(HttpServerTransport.class).boundAddress().publishAddress());
            System.in.transferTo(java.io.OutputStream.nullOutputStream());
        }
    }
}
