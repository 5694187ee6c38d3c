package dev.henge.deploy;

import dev.henge.node.catalog.Nodes;
import java.util.ArrayList;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * The first members of a cluster, as {@code n1=127.0.0.1:7001,n2=127.0.0.1:7002,...}.
 *
 * @param addresses name to gRPC address, in the order given; never empty
 */
public record ClusterNodes(Map<String, HostPort> addresses) {

    public ClusterNodes {
        addresses = Collections.unmodifiableMap(new LinkedHashMap<>(addresses));
    }

    /**
     * Reads the form above.
     *
     * @throws IllegalArgumentException whose message is fit for the person who wrote it
     */
    public static ClusterNodes parse(String text) {
        Map<String, HostPort> addresses = new LinkedHashMap<>();
        for (String member : text.split(",", -1)) {
            int equals = member.indexOf('=');
            if (equals < 1) {
                throw new IllegalArgumentException("'" + member.strip() + "' is not of the form name=host:port");
            }
            String name = member.substring(0, equals).strip();
            if (!Nodes.isName(name)) {
                throw new IllegalArgumentException(
                        "'" + name + "' is not a node name; use up to 63 small letters, digits and inner hyphens");
            }
            HostPort address = HostPort.parse(member.substring(equals + 1).strip());
            if (addresses.containsValue(address)) {
                throw new IllegalArgumentException("the address " + address + " is given twice");
            }
            if (addresses.put(name, address) != null) {
                throw new IllegalArgumentException("the node " + name + " is given twice");
            }
        }
        return new ClusterNodes(addresses);
    }

    /** Names to addresses as text, as the node's configuration wants them. */
    public Map<String, String> asText() {
        Map<String, String> text = new LinkedHashMap<>();
        addresses.forEach((name, address) -> text.put(name, address.toString()));
        return text;
    }

    /** The addresses alone, in order. */
    public List<String> addressTexts() {
        return new ArrayList<>(asText().values());
    }

    @Override
    public String toString() {
        StringBuilder text = new StringBuilder();
        addresses.forEach((name, address) ->
                text.append(text.isEmpty() ? "" : ",").append(name).append('=').append(address));
        return text.toString();
    }
}
