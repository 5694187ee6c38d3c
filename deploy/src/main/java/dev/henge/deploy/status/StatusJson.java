package dev.henge.deploy.status;

import dev.henge.proto.TaskRecord;
import java.io.StringWriter;
import java.util.List;
import java.util.Locale;
import tools.jackson.core.JsonGenerator;
import tools.jackson.core.ObjectWriteContext;
import tools.jackson.core.json.JsonFactory;

/**
 * The status for programs. The form is stable: members are added, never renamed or removed.
 *
 * <pre>{@code
 * {"health": "HEALTHY" | "DEGRADED" | "UNAVAILABLE", "reasons": [string], "notes": [string],
 *  "cluster": string, "clusterId": string, "catalogEpoch": number, "tableCount": number,
 *  "oldestScrubMillis": Unix time of the partition scrubbed longest ago or 0, "newestScrubMillis": of the last,
 *  "nodes": [{"name", "address", "up": boolean, "problem", "version", "uptimeMillis", "catalogEpoch",
 *             "leads", "replicas", "dataBytes", "logBytes", "zone", "intent": "SERVING" | "DRAINING" | "DECOMMISSIONING",
 *             "diskUsedBytes", "diskTotalBytes", "clusterVersionMax": the highest its program knows}],
 *  "partitions": [{"id", "startToken": 16 hex digits, "endToken": 16 hex digits (zeros: the ring's end), "epoch",
 *                  "term", "leader": string or "" for none, "replicas": [string], "liveReplicas": [string],
 *                  "commitIndex", "appliedIndex"}],
 *  "pause": string or "", "balanced": boolean, "deviation": part of a node's share, "imbalances": [string],
 *  "tasks": [{"id", "kind", "partition", "from", "to", "reason", "startedMillis", "coordinator", "outcome": "RUNNING" | "DONE"
 *             | "OVERTAKEN", "endedMillis"}], "clusterVersion": number,
 *  "routers": [{"id", "name", "zone", "address", "version", "catalogEpoch", "suspect": boolean}]}
 * }</pre>
 */
public final class StatusJson {

    private static final JsonFactory FACTORY = new JsonFactory();

    private StatusJson() {}

    /** One line of JSON, ended. */
    public static String render(ClusterStatus status) {
        StringWriter text = new StringWriter();
        try (JsonGenerator json = FACTORY.createGenerator(ObjectWriteContext.empty(), text)) {
            json.writeStartObject();
            json.writeStringProperty("health", status.health().name());
            strings(json, "reasons", status.reasons());
            strings(json, "notes", status.notes());
            json.writeStringProperty("cluster", status.cluster());
            json.writeStringProperty("clusterId", status.clusterId());
            json.writeNumberProperty("catalogEpoch", status.catalogEpoch());
            json.writeNumberProperty("tableCount", status.tableCount());
            json.writeNumberProperty("oldestScrubMillis", status.scrub().oldestWallMillis());
            json.writeNumberProperty("newestScrubMillis", status.scrub().newestWallMillis());
            json.writeArrayPropertyStart("nodes");
            status.nodes().forEach(node -> node(json, node));
            json.writeEndArray();
            json.writeArrayPropertyStart("partitions");
            status.partitions().forEach(partition -> partition(json, partition));
            json.writeEndArray();
            json.writeStringProperty("pause", status.pause());
            json.writeBooleanProperty("balanced", status.balance().balanced());
            json.writeNumberProperty("deviation", status.balance().deviation());
            strings(json, "imbalances", status.balance().reasons());
            json.writeArrayPropertyStart("tasks");
            status.tasks().forEach(task -> task(json, task));
            json.writeEndArray();
            json.writeNumberProperty("clusterVersion", status.clusterVersion());
            json.writeArrayPropertyStart("routers");
            status.routers().forEach(router -> router(json, router));
            json.writeEndArray();
            json.writeEndObject();
        }
        return text + "\n";
    }

    private static void node(JsonGenerator json, NodeView node) {
        json.writeStartObject();
        json.writeStringProperty("name", node.name());
        json.writeStringProperty("address", node.address());
        json.writeBooleanProperty("up", node.up());
        json.writeStringProperty("problem", node.problem());
        json.writeStringProperty("version", node.version());
        json.writeNumberProperty("uptimeMillis", node.uptimeMillis());
        json.writeNumberProperty("catalogEpoch", node.catalogEpoch());
        json.writeNumberProperty("leads", node.leads());
        json.writeNumberProperty("replicas", node.replicas());
        json.writeNumberProperty("dataBytes", node.dataBytes());
        json.writeNumberProperty("logBytes", node.logBytes());
        json.writeStringProperty("zone", node.zone());
        json.writeStringProperty("intent", node.intent());
        json.writeNumberProperty("diskUsedBytes", node.diskUsedBytes());
        json.writeNumberProperty("diskTotalBytes", node.diskTotalBytes());
        json.writeNumberProperty("clusterVersionMax", node.clusterVersionMax());
        json.writeEndObject();
    }

    private static void router(JsonGenerator json, RouterView router) {
        json.writeStartObject();
        json.writeStringProperty("id", router.id());
        json.writeStringProperty("name", router.name());
        json.writeStringProperty("zone", router.zone());
        json.writeStringProperty("address", router.address());
        json.writeStringProperty("version", router.version());
        json.writeNumberProperty("catalogEpoch", router.catalogEpoch());
        json.writeBooleanProperty("suspect", router.suspect());
        json.writeEndObject();
    }

    /** A task as an object. */
    public static void task(JsonGenerator json, TaskRecord task) {
        json.writeStartObject();
        json.writeNumberProperty("id", task.getId());
        json.writeStringProperty("kind", task.getKind().name());
        json.writeNumberProperty("partition", task.getPartition());
        json.writeStringProperty("from", task.getFrom());
        json.writeStringProperty("to", task.getTo());
        json.writeStringProperty("reason", task.getReason());
        json.writeNumberProperty("startedMillis", task.getStartedMillis());
        json.writeStringProperty("coordinator", task.getCoordinator());
        json.writeStringProperty(
                "outcome",
                task.getOutcome() == TaskRecord.Outcome.OUTCOME_UNSPECIFIED
                        ? "RUNNING"
                        : task.getOutcome().name());
        json.writeNumberProperty("endedMillis", task.getEndedMillis());
        json.writeEndObject();
    }

    private static void partition(JsonGenerator json, PartitionView partition) {
        json.writeStartObject();
        json.writeNumberProperty("id", partition.id());
        json.writeStringProperty("startToken", token(partition.startToken()));
        json.writeStringProperty("endToken", token(partition.endToken()));
        json.writeNumberProperty("epoch", partition.epoch());
        json.writeNumberProperty("term", partition.term());
        json.writeStringProperty("leader", partition.leader());
        strings(json, "replicas", partition.replicas());
        strings(json, "liveReplicas", partition.liveReplicas());
        json.writeNumberProperty("commitIndex", partition.commitIndex());
        json.writeNumberProperty("appliedIndex", partition.appliedIndex());
        json.writeEndObject();
    }

    private static void strings(JsonGenerator json, String name, List<String> values) {
        json.writeArrayPropertyStart(name);
        values.forEach(json::writeString);
        json.writeEndArray();
    }

    private static String token(long token) {
        return String.format(Locale.ROOT, "%016x", token);
    }
}
