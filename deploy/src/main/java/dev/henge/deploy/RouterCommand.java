package dev.henge.deploy;

import dev.henge.cluster.gossip.RouterGossip;
import dev.henge.node.StartupException;
import dev.henge.node.catalog.Nodes;
import dev.henge.router.RouterConfig;
import dev.henge.router.RouterServer;
import dev.henge.router.api.Signatures;
import io.micrometer.core.instrument.MeterRegistry;
import io.micrometer.prometheusmetrics.PrometheusMeterRegistry;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.Callable;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Spec;

/** {@code henge router}: one router. */
@Command(
        name = "router",
        description = "Start one router: the HTTP endpoint that AWS SDKs talk to.",
        footer = {
            "",
            "Each option may also stand in the environment (--nodes as HENGE_ROUTER_NODES) or in the",
            "file given with --config (nodes=...). A flag wins over the environment, that over the file."
        },
        sortOptions = false)
final class RouterCommand extends VerboseCommand implements Callable<Integer> {

    private static final Logger log = LoggerFactory.getLogger(RouterCommand.class);

    private static final Pattern ACCOUNT_ID = Pattern.compile("[0-9]{12}");
    private static final int TIMEOUT_SECONDS_MAX = 300;
    private static final int LEAVE_SECONDS_MAX = 300;
    private static final Pattern ZONE = Pattern.compile("[\\x21-\\x7e]{0,64}");

    /** A router that finds no cluster runs all the same, and waits for it. */
    private static final Duration LEADERS_MAX = Duration.ofSeconds(20);

    @Option(
            names = "--nodes",
            required = true,
            split = ",",
            paramLabel = "HOST:PORT",
            description = "Addresses of some of the cluster's nodes.")
    private List<HostPort> nodes = List.of();

    @Option(
            names = "--listen",
            paramLabel = "HOST:PORT",
            defaultValue = "127.0.0.1:8000",
            description = "Where to listen for HTTP (default: ${DEFAULT-VALUE}).")
    private HostPort listen = new HostPort("127.0.0.1", 8000);

    @Option(
            names = "--region",
            paramLabel = "REGION",
            defaultValue = RouterDefaults.REGION,
            description = "Region that stands in ARNs (default: ${DEFAULT-VALUE}).")
    private String region = "";

    @Option(
            names = "--account",
            paramLabel = "ID",
            defaultValue = RouterDefaults.ACCOUNT_ID,
            description = "Account that stands in ARNs, 12 digits (default: ${DEFAULT-VALUE}).")
    private String account = "";

    @Option(
            names = "--signatures",
            paramLabel = "WHICH",
            defaultValue = RouterDefaults.SIGNATURES,
            description = "verify: only those of henge credentials; accept-any: all that are well-formed (default:"
                    + " ${DEFAULT-VALUE}).")
    private Signatures signatures = Signatures.VERIFY;

    @Option(
            names = "--timeout-seconds",
            paramLabel = "N",
            defaultValue = "" + RouterDefaults.TIMEOUT_SECONDS,
            description = "How long one request may take, retries included (default: ${DEFAULT-VALUE}).")
    private int timeoutSeconds;

    @Option(
            names = "--gossip",
            paramLabel = "PORT|HOST:PORT",
            description = {
                "UDP port, or address, at which the router is a member of the gossip: it hears at once where nodes are, and",
                "henge status shows it (default: it is no member, and follows the catalog alone)."
            })
    private @Nullable String gossip;

    @Option(
            names = "--name",
            paramLabel = "NAME",
            description = "With --gossip: the router's name, for people (default: router-PORT).")
    private @Nullable String name;

    @Option(
            names = "--zone",
            paramLabel = "NAME",
            defaultValue = "",
            description = {
                "Where the router is: eventually consistent reads ask a replica in the same zone first, which may be some",
                "moments behind the leader (default: none, and the leader is asked)."
            })
    private String zone = "";

    @Option(
            names = "--cluster",
            paramLabel = "NAME",
            defaultValue = Checks.CLUSTER_NAME,
            description = "With --gossip: name of the cluster, as the nodes were given it (default: ${DEFAULT-VALUE}).")
    private String cluster = "";

    @Option(
            names = "--leave-seconds",
            paramLabel = "N",
            defaultValue = "0",
            description = {
                "How long the router goes on answering once it was told to end (SIGTERM), while /readyz says 503, so that",
                "balancers take notice before it takes no more connections (default: ${DEFAULT-VALUE})."
            })
    private int leaveSeconds;

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
        if (!ACCOUNT_ID.matcher(account).matches()) {
            throw new ParameterException(spec.commandLine(), "--account must be 12 digits, not '" + account + "'");
        }
        if (timeoutSeconds < 1 || timeoutSeconds > TIMEOUT_SECONDS_MAX) {
            throw new ParameterException(
                    spec.commandLine(),
                    "--timeout-seconds must be from 1 to " + TIMEOUT_SECONDS_MAX + ", not " + timeoutSeconds);
        }
        if (leaveSeconds < 0 || leaveSeconds > LEAVE_SECONDS_MAX) {
            throw new ParameterException(
                    spec.commandLine(),
                    "--leave-seconds must be from 0 to " + LEAVE_SECONDS_MAX + ", not " + leaveSeconds);
        }
        if (name != null && !Nodes.isName(name)) {
            throw new ParameterException(
                    spec.commandLine(),
                    "--name takes up to 63 small letters, digits and inner hyphens, not '" + name + "'");
        }
        if (!ZONE.matcher(zone).matches()) {
            throw new ParameterException(
                    spec.commandLine(), "--zone takes up to 64 printable characters, no spaces, not '" + zone + "'");
        }
        Optional<HostPort> gossipAddress = gossipAddress();
        Logging.set(logFile, verbose());
        if (parentPid != null) {
            RunningProcess.endWith(parentPid);
        }
        PrometheusMeterRegistry registry = MetricsEndpoint.registry();
        RouterServer server = start(gossipAddress, registry);
        Duration leave = Duration.ofSeconds(leaveSeconds);
        RunningProcess.closeAtExit(
                () -> {
                    server.leave(leave);
                    server.close();
                },
                leave);
        if (metrics != null) {
            // Not closed: until the very end it says that the router is not ready.
            MetricsEndpoint.start(metrics, registry, () -> true, server::ready);
        }
        if (signatures == Signatures.ACCEPT_ANY) {
            spec.commandLine().getOut().println("Any well-formed signature is accepted: --signatures accept-any.");
        }
        if (!server.awaitLeaders(LEADERS_MAX)) {
            log.warn(
                    "some partitions of the cluster have no leader, or its nodes can't be reached: requests wait up to {} s",
                    timeoutSeconds);
        }
        ReadyLine.print(spec.commandLine().getOut(), "router on " + new HostPort(listen.host(), server.port()));
        RunningProcess.awaitEnd();
        return 0;
    }

    private Optional<HostPort> gossipAddress() {
        if (gossip == null) {
            return Optional.empty();
        }
        try {
            return Optional.of(
                    gossip.indexOf(':') < 0
                            ? new HostPort(listen.host(), Integer.parseInt(gossip))
                            : HostPort.parse(gossip));
        } catch (IllegalArgumentException _) {
            throw new ParameterException(
                    spec.commandLine(),
                    "--gossip takes a port or an address of the form host:port, not '" + gossip + "'");
        }
    }

    private RouterServer start(Optional<HostPort> gossipAddress, MeterRegistry registry) throws StartupException {
        Optional<RouterGossip> member =
                gossipAddress.isEmpty() ? Optional.empty() : Optional.of(join(gossipAddress.get()));
        try {
            return RouterServer.start(
                    new RouterConfig(
                            listen.toSocketAddress(),
                            nodes.stream().map(HostPort::toString).toList(),
                            region,
                            account,
                            Duration.ofSeconds(timeoutSeconds),
                            signatures,
                            zone),
                    member,
                    registry);
        } catch (IOException e) {
            throw Ports.listenFailure(listen, "--listen", e);
        }
    }

    private RouterGossip join(HostPort address) throws StartupException {
        boolean everywhere = listen.toSocketAddress().getAddress() != null
                && listen.toSocketAddress().getAddress().isAnyLocalAddress();
        RouterGossip.Place place = new RouterGossip.Place(
                cluster,
                name == null ? "router-" + listen.port() : name,
                zone,
                everywhere ? "" : listen.toString(),
                VersionCommand.version(),
                address.toSocketAddress());
        try {
            return RouterGossip.start(
                    place, nodes.stream().map(HostPort::toString).toList());
        } catch (IOException e) {
            throw Ports.listenFailure(address, "--gossip", e);
        }
    }
}
