package dev.henge.deploy;

import dev.henge.deploy.status.ClusterLook;
import dev.henge.deploy.status.StatusCollector;
import dev.henge.deploy.status.StatusText;
import dev.henge.membership.plan.BalanceReport;
import dev.henge.membership.plan.BalanceReport.NodeBalance;
import dev.henge.membership.plan.ClusterView;
import dev.henge.membership.plan.NodeView;
import dev.henge.membership.plan.PartitionView;
import dev.henge.node.StartupException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import picocli.CommandLine.Command;
import tools.jackson.core.JsonGenerator;

/** {@code henge ring}: which part of the tokens each node has. */
@Command(
        name = "ring",
        description = "Draw the ring: one line for each node, its replicas as marks over the tokens.",
        footer = {"", "@ is where the node leads, # where it has a replica, . where it has none."},
        sortOptions = false)
final class RingCommand extends OperatorCommand {

    private static final int TIMEOUT_SECONDS = 5;
    private static final int WIDTH = 64;

    RingCommand() {
        super(TIMEOUT_SECONDS);
    }

    @Override
    Answer answer(List<String> addresses, Duration timeout) throws StartupException, InterruptedException {
        ClusterLook look = new StatusCollector(timeout).look(addresses);
        if (look.catalog().getEpoch() == 0) {
            throw new StartupException("no node answers that knows the cluster's catalog");
        }
        ClusterView view = look.view();
        BalanceReport balance = BalanceReport.of(view);
        return Answer.done(text(view, balance), json -> write(view, balance, json));
    }

    private static List<PartitionView> dataPartitions(ClusterView view) {
        return view.partitions().stream()
                .filter(partition -> !partition.isSystem())
                .sorted(Comparator.comparing(partition -> partition.range().start(), Long::compareUnsigned))
                .toList();
    }

    private static String text(ClusterView view, BalanceReport balance) {
        List<PartitionView> partitions = dataPartitions(view);
        List<List<String>> rows = new ArrayList<>();
        rows.add(List.of("NODE", "ZONE", "REPLICAS", "SHARE", "LEADS", "BYTES", "TOKENS 0000... TO FFFF..."));
        for (NodeView node : view.nodes()) {
            NodeBalance held = of(balance, node);
            rows.add(List.of(
                    node.name(),
                    node.zone().isEmpty() ? "-" : node.zone(),
                    Integer.toString(held.replicas()),
                    String.format(Locale.ROOT, "%.1f", held.replicaShare()),
                    Integer.toString(held.leaders()),
                    StatusText.size(held.bytes()),
                    drawn(partitions, node.name())));
        }
        return partitions.size() + " partitions on " + view.nodes().size() + " nodes\n" + StatusText.table(rows);
    }

    private static NodeBalance of(BalanceReport balance, NodeView node) {
        Optional<NodeBalance> found = balance.nodes().stream()
                .filter(held -> held.name().equals(node.name()))
                .findFirst();
        return found.orElseGet(() -> new NodeBalance(node.name(), 0, 0, 0, 0, 0));
    }

    /** Each mark stands for as many tokens as the others. */
    private static String drawn(List<PartitionView> partitions, String node) {
        StringBuilder marks = new StringBuilder(WIDTH);
        long step = Long.divideUnsigned(-1L, WIDTH) + 1;
        for (int place = 0; place < WIDTH; place++) {
            long middle = place * step + (step >>> 1);
            char mark = '.';
            for (PartitionView partition : partitions) {
                if (partition.range().contains(middle) && partition.voters().contains(node)) {
                    mark = partition.leader().equals(node) ? '@' : '#';
                }
            }
            marks.append(mark);
        }
        return marks.toString();
    }

    private static void write(ClusterView view, BalanceReport balance, JsonGenerator json) {
        json.writeArrayPropertyStart("nodes");
        for (NodeView node : view.nodes()) {
            NodeBalance held = of(balance, node);
            json.writeStartObject();
            json.writeStringProperty("name", node.name());
            json.writeStringProperty("zone", node.zone());
            json.writeNumberProperty("weight", node.weight());
            json.writeNumberProperty("replicas", held.replicas());
            json.writeNumberProperty("replicaShare", held.replicaShare());
            json.writeNumberProperty("leads", held.leaders());
            json.writeNumberProperty("bytes", held.bytes());
            json.writeEndObject();
        }
        json.writeEndArray();
        json.writeArrayPropertyStart("segments");
        for (PartitionView partition : dataPartitions(view)) {
            json.writeStartObject();
            json.writeNumberProperty("partition", partition.id());
            json.writeStringProperty(
                    "startToken", PartitionsCommand.token(partition.range().start()));
            json.writeStringProperty(
                    "endToken", PartitionsCommand.token(partition.range().end()));
            json.writeStringProperty("leader", partition.leader());
            json.writeArrayPropertyStart("replicas");
            partition.voters().forEach(json::writeString);
            json.writeEndArray();
            json.writeEndObject();
        }
        json.writeEndArray();
    }
}
