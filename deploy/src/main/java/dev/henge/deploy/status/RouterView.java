package dev.henge.deploy.status;

import dev.henge.proto.NodeStatusReply;
import dev.henge.proto.RouterStatus;
import java.util.Collection;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/**
 * A router as it shows in the status: one that is a member of the gossip, as any of the nodes knows it.
 *
 * @param id made at its start
 * @param name for people; not unique
 * @param zone may be empty
 * @param address of its HTTP endpoint, else of its gossip
 * @param catalogEpoch of the catalog that it knows
 * @param suspect whether it did not answer of late
 */
public record RouterView(
        String id, String name, String zone, String address, String version, long catalogEpoch, boolean suspect) {

    /** All that the nodes know of, each once, by name. */
    static List<RouterView> of(Collection<NodeStatusReply> replies) {
        Map<String, RouterView> views = new TreeMap<>();
        for (NodeStatusReply reply : replies) {
            for (RouterStatus router : reply.getRoutersList()) {
                views.merge(router.getId(), of(router), RouterView::newer);
            }
        }
        return views.values().stream()
                .sorted(Comparator.comparing(RouterView::name).thenComparing(RouterView::address))
                .toList();
    }

    private static RouterView of(RouterStatus router) {
        return new RouterView(
                router.getId(),
                router.getName(),
                router.getZone(),
                router.getAddress().isEmpty() ? router.getGossipAddress() : router.getAddress(),
                router.getVersion(),
                router.getCatalogEpoch(),
                router.getSuspect());
    }

    /** Who heard it last knows best. */
    private static RouterView newer(RouterView one, RouterView other) {
        return other.catalogEpoch > one.catalogEpoch ? other : one;
    }
}
