package dev.henge.chaos.simulation;

import dev.henge.cluster.RoutedClusterClient;
import dev.henge.proto.Catalog;
import java.util.concurrent.TimeUnit;

/** A router's process, as far as it is about routing: the production client of the cluster on virtual time. */
final class SimulatedRouter {

    private static final long WATCH_NANOS_MAX = TimeUnit.MILLISECONDS.toNanos(1_000);

    private final World world;
    private final String name;
    private final Chance chance;
    private final SimulatedClock clock;
    private final RoutingEnvironment environment;
    private final RoutedClusterClient client;

    SimulatedRouter(World world, String name) {
        this.world = world;
        this.name = name;
        this.chance = world.chanceFor();
        double drift = world.settings.clockDrift();
        this.clock = new SimulatedClock(world.scheduler, chance.between(1L, 1L << 50), 1 + chance.oneOf(drift, -drift));
        this.environment = new RoutingEnvironment(world, name, clock, chance.split(), world.scheduler::after);
        this.client = RoutedClusterClient.withCatalogOf(Catalog.getDefaultInstance(), environment);
    }

    String name() {
        return name;
    }

    RoutedClusterClient client() {
        return client;
    }

    long nanoTime() {
        return clock.nanoTime();
    }

    void start() {
        watch();
    }

    void disconnected(String node) {
        environment.disconnected(node);
    }

    /** In the place of a {@code CatalogWatcher}: asks some node for its catalog now and then. */
    private void watch() {
        String node = chance.oneOf(world.nodeNames);
        world.network.sendOnce(name, node, () -> world.node(node)
                .catalog()
                .ifPresent(catalog -> world.network.sendOnce(node, name, () -> offer(catalog))));
        world.scheduler.after(chance.below(WATCH_NANOS_MAX), this::watch);
    }

    /** A catalog arrives, of whatever age and origin. */
    void offer(Catalog catalog) {
        Catalog before = client.catalog();
        client.offer(catalog);
        world.catalogs.check(name, before, client.catalog());
    }
}
