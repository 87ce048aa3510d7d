import java.nio.file.Path;
import java.util.List;

import org.opensearch.common.settings.Settings;
import org.opensearch.env.Environment;
import org.opensearch.http.HttpServerTransport;
import org.opensearch.node.Node;
import org.opensearch.transport.Netty4Plugin;

/** Runs one node of OpenSearch until its standard input ends. Its argument is the node's home. */
class Engine {
    private static final class Embedded extends Node {
        Embedded(Environment environment) {
            super(environment, List.of(Netty4Plugin.class), false);
        }
    }

    public static void main(String[] args) throws Exception {
        Path home = Path.of(args[0]);
        Settings settings = Settings.builder()
            .put("path.home", home)
            .put("node.name", "engine")
            .put("cluster.name", "engine")
            .put("discovery.type", "single-node")
            .put("network.host", "127.0.0.1")
            .put("http.port", "0")
            .put("transport.port", "0")
            // How full the machine's disk is matters to no test.
            .put("cluster.routing.allocation.disk.threshold_enabled", false)
            .build();
        try (Node node = new Embedded(new Environment(settings, home.resolve("config")))) {
            node.start();
            System.out.println("serves " + node.injector().getInstance(HttpServerTransport.class).boundAddress().publishAddress());
            System.in.transferTo(java.io.OutputStream.nullOutputStream());
        }
    }
}
