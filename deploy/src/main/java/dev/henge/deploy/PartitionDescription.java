package dev.henge.deploy;

import dev.henge.deploy.status.ClusterLook;
import dev.henge.deploy.status.StatusJson;
import dev.henge.deploy.status.StatusText;
import dev.henge.membership.plan.NodeView;
import dev.henge.membership.plan.PartitionView;
import dev.henge.node.catalog.Placements;
import dev.henge.proto.Catalog;
import dev.henge.proto.LogReplicaRecord;
import dev.henge.proto.PartitionRecord;
import dev.henge.proto.TaskRecord;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Collectors;
import tools.jackson.core.JsonGenerator;

/**
 * All that one partition is: where, who leads it, its tokens, what becomes of it and what it came from.
 *
 * @param down nodes that did not answer
 * @param leader empty where none is known
 * @param splitOff numbers of the partitions that were split off it and are still there
 * @param lastTask what ended last of it, of what the cluster remembers
 */
record PartitionDescription(
        PartitionRecord record,
        Set<String> down,
        String leader,
        List<Integer> splitOff,
        Optional<TaskRecord> lastTask) {

    PartitionDescription {
        down = Set.copyOf(down);
        splitOff = List.copyOf(splitOff);
    }

    static PartitionDescription of(PartitionRecord record, ClusterLook look) {
        Catalog catalog = look.catalog();
        Set<String> down = new HashSet<>(look.view().nodes().stream()
                .filter(node -> !node.isUp())
                .map(NodeView::name)
                .toList());
        String leader = look.view().partitions().stream()
                .filter(partition -> partition.id() == record.getId())
                .map(PartitionView::leader)
                .findFirst()
                .orElse("");
        List<Integer> splitOff = catalog.getPartitionsList().stream()
                .filter(other -> record.getId() != PartitionView.SYSTEM && other.getParent() == record.getId())
                .map(PartitionRecord::getId)
                .toList();
        Optional<TaskRecord> lastTask = catalog.getFinishedTasksList().reversed().stream()
                .filter(task -> task.getPartition() == record.getId())
                .findFirst();
        return new PartitionDescription(record, down, leader, splitOff, lastTask);
    }

    /** Some lines, each ended. */
    String text() {
        StringBuilder text = new StringBuilder(256);
        text.append("Partition ").append(record.getId()).append(" is on ").append(named(record.getReplicasList()));
        appendChanges(text);
        text.append(".\n");
        text.append(tokens())
                .append(leader.isEmpty() ? "No leader is known" : leader + " leads it")
                .append(".\n");
        if (record.getParent() != 0) {
            text.append("It was split off partition ")
                    .append(record.getParent())
                    .append(".\n");
        }
        splitOff.forEach(child -> text.append("Partition ").append(child).append(" was split off it.\n"));
        text.append(record.hasTask() ? "Runs: " + StatusText.describe(record.getTask()) : "Nothing runs.")
                .append('\n');
        lastTask.ifPresent(task -> text.append(
                        task.getOutcome() == TaskRecord.Outcome.OVERTAKEN ? "Overtaken last: " : "Done last: ")
                .append(StatusText.describe(task))
                .append('\n'));
        return text.toString();
    }

    private void appendChanges(StringBuilder text) {
        if (record.getTargetCount() > 0) {
            text.append("; it moves to ").append(named(record.getTargetList()));
        }
        record.getLogReplicasList().forEach(replica -> text.append("; ")
                .append(named(replica.getNode()))
                .append(" keeps the log in the place of ")
                .append(replica.getInPlaceOf()));
        if (record.hasSplit()) {
            text.append("; partition ")
                    .append(record.getSplit().getChild())
                    .append(" is being split off it, from token ")
                    .append(new RingToken(record.getSplit().getToken()))
                    .append(" on");
        }
        if (record.hasMerge()) {
            text.append("; partition ")
                    .append(record.getMerge().getRight())
                    .append(" is becoming part of partition ")
                    .append(record.getMerge().getLeft());
        }
        record.getMergedList()
                .forEach(merged -> text.append("; some replicas have not taken all of what was partition ")
                        .append(merged.getId())
                        .append(" yet"));
    }

    private String tokens() {
        if (record.getId() == PartitionView.SYSTEM) {
            return "It has the catalog, and no tokens. ";
        }
        String end =
                record.getEndToken() == 0 ? "to the ring's end" : "to before " + new RingToken(record.getEndToken());
        return "Its tokens go from " + new RingToken(record.getStartToken()) + " " + end + ". ";
    }

    private String named(List<String> nodes) {
        return nodes.stream().map(this::named).collect(Collectors.joining(", "));
    }

    private String named(String node) {
        return down.contains(node) ? node + "(down)" : node;
    }

    void write(JsonGenerator json) {
        json.writeNumberProperty("partition", record.getId());
        json.writeStringProperty("startToken", new RingToken(record.getStartToken()).toString());
        json.writeStringProperty("endToken", new RingToken(record.getEndToken()).toString());
        json.writeStringProperty("leader", leader);
        writeNames("replicas", record.getReplicasList(), json);
        writeNames("target", record.getTargetList(), json);
        writeNames(
                "logReplicas",
                record.getLogReplicasList().stream()
                        .map(LogReplicaRecord::getNode)
                        .toList(),
                json);
        writeNames(
                "down",
                Placements.nodesOf(record).stream().filter(down::contains).toList(),
                json);
        if (record.hasSplit()) {
            json.writeStringProperty("splitsAt", new RingToken(record.getSplit().getToken()).toString());
            json.writeNumberProperty("splitsOff", record.getSplit().getChild());
        }
        if (record.hasMerge()) {
            json.writeNumberProperty("mergesInto", record.getMerge().getLeft());
            json.writeNumberProperty("mergesFrom", record.getMerge().getRight());
        }
        // 0: of none.
        json.writeNumberProperty("parent", record.getParent());
        json.writeArrayPropertyStart("splitOff");
        splitOff.forEach(json::writeNumber);
        json.writeEndArray();
        if (record.hasTask()) {
            json.writeName("task");
            StatusJson.task(json, record.getTask());
        }
        lastTask.ifPresent(task -> {
            json.writeName("lastTask");
            StatusJson.task(json, task);
        });
    }

    private static void writeNames(String property, List<String> names, JsonGenerator json) {
        json.writeArrayPropertyStart(property);
        names.forEach(json::writeString);
        json.writeEndArray();
    }
}
