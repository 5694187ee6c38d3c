package dev.henge.deploy;

import dev.henge.membership.PlacementNode;
import dev.henge.node.ClusterEntry;
import dev.henge.node.NodeConfig;
import dev.henge.node.NodeFaultException;
import dev.henge.node.NodeLimits;
import dev.henge.node.NodePlace;
import dev.henge.node.NodeServer;
import dev.henge.node.StartupException;
import io.micrometer.prometheusmetrics.PrometheusMeterRegistry;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Spec;

/** {@code henge node}: one storage node; and what an operator asks of one, {@link NodeChange}. */
@Command(
        name = "node",
        description = "Start one storage node; drain, decommission, replace or remove one of a running cluster.",
        subcommands = {
            NodeChange.Drain.class,
            NodeChange.Resume.class,
            NodeChange.Decommission.class,
            NodeReplacement.class,
            NodeChange.Remove.class
        },
        footer = {
            "",
            "With --nodes on each of them, nodes make a new cluster; a further one comes in with --join:",
            "  henge node --name n1 --nodes n1=a:7101,n2=b:7101,n3=c:7101 --data /var/lib/henge",
            "  henge node --name n4 --join a:7101,b:7101 --listen d:7101 --data /var/lib/henge",
            "Each option may also stand in the environment (--data as HENGE_NODE_DATA) or in the",
            "file given with --config (data=...). A flag wins over the environment, that over the file.",
            "",
            "Of a running cluster's nodes:",
            "  henge node drain n2 --wait",
            "  henge node decommission n4 --wait && henge node remove n4",
            "  henge node replace n3 --with n5 --wait && henge node remove n3",
            ""
        },
        sortOptions = false)
final class NodeCommand extends VerboseCommand implements Callable<Integer> {

    // Not required by the parser: it would ask for them with the commands under this one, too.
    private static final String NAME_OPTION = "--name";
    private static final String DATA_OPTION = "--data";

    private static final int SCRUB_HOURS_MAX = 24 * 365;

    @Option(
            names = NAME_OPTION,
            paramLabel = "NAME",
            description = "This node's name, which no other node of the cluster has; must be given.")
    private @Nullable String givenName;

    @Option(
            names = "--nodes",
            paramLabel = "NAME=HOST:PORT,...",
            description = {
                "Makes a new cluster of these nodes, and no others; the same for each of them, this one among them.",
                "Once the cluster is there, it says by itself who belongs to it."
            })
    private @Nullable ClusterNodes nodes;

    @Option(
            names = "--join",
            split = ",",
            paramLabel = "HOST:PORT",
            description = {
                "Joins the cluster of the nodes at these addresses. A name may stand for several addresses, as that",
                "of a headless service does."
            })
    private List<HostPort> join = List.of();

    @Option(
            names = "--address",
            paramLabel = "HOST:PORT",
            description = {
                "With --join: where others reach this node, by TCP and, for the gossip, by UDP (default: what",
                "--listen says). It may be another one at each start."
            })
    private @Nullable HostPort address;

    @Option(
            names = "--zone",
            paramLabel = "NAME",
            defaultValue = "",
            description =
                    "What may fail as a whole with this node, such as its rack: replicas are kept in different zones.")
    private String zone = "";

    @Option(
            names = "--weight",
            paramLabel = "N",
            defaultValue = "1",
            description =
                    "How much this node is to hold, next to the others, above 0 and at most 64 (default: ${DEFAULT-VALUE}).")
    private double weight = 1;

    @Option(
            names = DATA_OPTION,
            paramLabel = "DIR",
            description = "Where this node keeps its data; its own directory; must be given.")
    private @Nullable Path givenData;

    @Option(
            names = "--listen",
            paramLabel = "HOST:PORT",
            description = "Where to listen, by TCP and UDP (default: this node's own address).")
    private @Nullable HostPort listen;

    @Option(
            names = "--cluster",
            paramLabel = "NAME",
            defaultValue = Checks.CLUSTER_NAME,
            description = "Name of the cluster, the same for each node (default: ${DEFAULT-VALUE}).")
    private String cluster = "";

    @Option(
            names = "--partitions",
            paramLabel = "N",
            defaultValue = "16",
            description = "Partitions of a new cluster (default: ${DEFAULT-VALUE}).")
    private int partitions;

    @Option(
            names = "--cache",
            paramLabel = "SIZE",
            defaultValue = "256MB",
            description = "Memory for the storage engine's cache (default: ${DEFAULT-VALUE}).")
    private ByteSize cache = new ByteSize(1);

    @Option(
            names = "--scrub-hours",
            paramLabel = "N",
            defaultValue = "24",
            description =
                    "How often the replicas of each partition are compared, 0 for never (default: ${DEFAULT-VALUE}).")
    private int scrubHours;

    @Option(
            names = "--snapshot-rate",
            paramLabel = "SIZE",
            defaultValue = "64MB",
            description =
                    "Bytes per second of copies of partitions for other nodes that this one makes and sends, and as many that it"
                            + " receives (default: ${DEFAULT-VALUE}).")
    private ByteSize snapshotRate = new ByteSize(1);

    @Option(
            names = "--item-collection-bytes-max",
            paramLabel = "SIZE",
            defaultValue = "10GB",
            description =
                    "How large the items of one partition key may grow with their entries in local secondary indexes,"
                            + " about; tables without local indexes have no such bound (default: ${DEFAULT-VALUE}).")
    private ByteSize itemCollectionBytesMax = new ByteSize(1);

    @Option(
            names = "--metrics",
            paramLabel = "HOST:PORT",
            description = "Where to answer /metrics, /healthz and /readyz (default: nowhere).")
    private @Nullable HostPort metrics;

    @Option(
            names = "--log",
            paramLabel = "FILE",
            description = "Log to this file, and warnings alone to the terminal (default: all to the terminal).")
    private @Nullable Path logFile;

    @Option(names = SettingsSource.FILE_OPTION, paramLabel = "FILE", description = "Properties file with more options.")
    @SuppressWarnings("unused") // read before the command line is parsed
    private @Nullable Path config;

    @Option(names = "--parent-pid", hidden = true)
    private @Nullable Long parentPid;

    @Spec
    @SuppressWarnings("NullAway.Init") // picocli sets it
    private CommandSpec spec;

    @Override
    public Integer call() throws StartupException, InterruptedException {
        NodeConfig nodeConfig = nodeConfig();
        Logging.set(logFile, verbose());
        if (parentPid != null) {
            RunningProcess.endWith(parentPid);
        }
        PrometheusMeterRegistry registry = MetricsEndpoint.registry();
        NodeServer server = NodeServer.start(nodeConfig, registry);
        RunningProcess.closeAtExit(server);
        if (metrics != null) {
            RunningProcess.closeAtExit(MetricsEndpoint.start(metrics, registry, () -> !server.failed(), server::ready));
        }
        ReadyLine.print(
                spec.commandLine().getOut(),
                "node " + nodeConfig.place().name() + " on "
                        + nodeConfig.place().listen().getHostString() + ":" + server.port());
        try {
            server.awaitStop();
        } catch (NodeFaultException e) {
            throw new StartupException(String.valueOf(e.getMessage()), e);
        }
        return 0;
    }

    /** What the options come to. */
    NodeConfig nodeConfig() {
        String name = required(givenName, NAME_OPTION);
        Path data = required(givenData, DATA_OPTION);
        Checks.partitions(spec, partitions);
        if (scrubHours < 0 || scrubHours > SCRUB_HOURS_MAX) {
            throw wrong("--scrub-hours must be from 0 to " + SCRUB_HOURS_MAX + ", not " + scrubHours);
        }
        if (!(weight > 0 && weight <= PlacementNode.WEIGHT_MAX)) {
            throw wrong("--weight must be above 0 and at most " + PlacementNode.WEIGHT_MAX + ", not " + weight);
        }
        HostPort own = ownAddress(name);
        NodePlace place = new NodePlace(
                cluster, name, own.toString(), (listen == null ? own : listen).toSocketAddress(), zone, weight);
        ClusterEntry entry = nodes == null
                ? new ClusterEntry.Joining(join.stream().map(HostPort::toString).toList())
                : new ClusterEntry.Founding(nodes.asText(), partitions);
        NodeLimits limits = NodeLimits.ofCache(cache.bytes())
                .withSnapshotBytesPerSecond(snapshotRate.bytes())
                .withScrubInterval(Duration.ofHours(scrubHours))
                .withItemCollectionBytesMax(itemCollectionBytesMax.bytes());
        return new NodeConfig(place, entry, data, false, limits);
    }

    private HostPort ownAddress(String name) {
        if ((nodes == null) == join.isEmpty()) {
            throw wrong("say how the node comes into its cluster: with --nodes as one of those that make a new one, or"
                    + " with --join and the address of a node that is in it");
        }
        if (nodes == null) {
            HostPort own = address == null ? listen : address;
            if (own == null) {
                throw wrong("say where this node is, with --address or --listen");
            }
            return own;
        }
        HostPort own = nodes.addresses().get(name);
        if (own == null) {
            throw wrong("--name " + name + " is none of the names in --nodes ("
                    + String.join(", ", nodes.addresses().keySet())
                    + "); a node that is to join them is started with --join");
        }
        if (address != null && !address.equals(own)) {
            throw wrong("--address " + address + " is not what --nodes says of " + name);
        }
        return own;
    }

    private <T> T required(@Nullable T given, String option) {
        if (given == null) {
            throw wrong("Missing required option: '" + option + "'");
        }
        return given;
    }

    private ParameterException wrong(String message) {
        return new ParameterException(spec.commandLine(), message);
    }
}
