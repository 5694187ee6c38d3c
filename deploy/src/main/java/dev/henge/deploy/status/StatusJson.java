package dev.henge.deploy.status;

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
 *             "leads", "replicas", "dataBytes", "logBytes"}],
 *  "partitions": [{"id", "startToken": 16 hex digits, "endToken": 16 hex digits (zeros: the ring's end), "epoch",
 *                  "term", "leader": string or "" for none, "replicas": [string], "liveReplicas": [string],
 *                  "commitIndex", "appliedIndex"}]}
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
