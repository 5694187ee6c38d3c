package dev.henge.node.coordinator;

import dev.henge.membership.plan.NodeView;
import java.util.HashMap;
import java.util.Map;
import java.util.Set;

/** Who does not answer is missing since it was first asked in vain: a new coordinator counts absences from its own start. */
public final class AnsweredLiveness implements Liveness {

    private final Map<String, Long> missingSinceMillis = new HashMap<>();

    @Override
    public void asked(Set<String> nodes, Set<String> answered, long nowMillis) {
        missingSinceMillis.keySet().retainAll(nodes);
        missingSinceMillis.keySet().removeAll(answered);
        for (String node : nodes) {
            if (!answered.contains(node)) {
                missingSinceMillis.putIfAbsent(node, nowMillis);
            }
        }
    }

    @Override
    public long missingSinceMillis(String node) {
        return missingSinceMillis.getOrDefault(node, NodeView.UP);
    }

    @Override
    public void forget() {
        missingSinceMillis.clear();
    }
}
