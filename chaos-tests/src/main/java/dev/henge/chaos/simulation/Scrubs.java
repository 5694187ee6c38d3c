package dev.henge.chaos.simulation;

import dev.henge.membership.Tokens;
import dev.henge.node.catalog.Placements;
import dev.henge.node.partition.Replica;
import dev.henge.node.partition.ScrubResult;
import dev.henge.node.replication.Member;
import dev.henge.node.storage.StorageKeys;
import dev.henge.node.storage.WriteBatch;
import dev.henge.proto.PartitionRecord;
import java.nio.ByteBuffer;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.SplittableRandom;
import java.util.concurrent.TimeUnit;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/**
 * Scrubs partitions at random times. Replicas that nobody tampered with must never be found to differ; one that was made to
 * differ behind the back of Raft must be.
 */
final class Scrubs {

    /** How a run treats scrubs. */
    enum Mode {
        NONE,
        /** Any difference found is a failure. */
        WATCHING,
        /** One replica is made to differ; its scrubs must find it, or a snapshot must have replaced it by chance. */
        PLANTED
    }

    private static final long PAUSE_NANOS_MAX = TimeUnit.SECONDS.toNanos(8);
    private static final long PLANTED_TABLE = 999_999;

    @SuppressWarnings("ArrayRecordComponent") // never compared
    private record Plant(long token, byte[] key) {}

    private final World world;
    private final Mode mode;
    private final Chance chance;
    private boolean active = true;
    private int equalCount;
    private int foundCount;
    private @Nullable Plant plant;

    Scrubs(World world, Mode mode) {
        this.world = world;
        this.mode = mode;
        // Of its own, so that a run without scrubs is the same as if there were none.
        this.chance = new Chance(new SplittableRandom(world.settings.seed() ^ 0x5c2bL));
    }

    static Mode ofSeed(long seed) {
        return new Chance(new SplittableRandom(seed ^ 0x5c2b5c2bL)).happens(0.5) ? Mode.WATCHING : Mode.NONE;
    }

    /** Scrubs that found all replicas equal. */
    int equalCount() {
        return equalCount;
    }

    /** Scrubs that found the planted difference. */
    int foundCount() {
        return foundCount;
    }

    void start() {
        if (mode == Mode.NONE) {
            return;
        }
        scheduleNext();
        if (mode == Mode.PLANTED) {
            world.scheduler.after(chance.below(world.settings.faultNanos() / 2), this::plant);
        }
    }

    void stop() {
        active = false;
    }

    private void scheduleNext() {
        world.scheduler.after(chance.below(PAUSE_NANOS_MAX), () -> {
            if (active) {
                scrubOne();
                scheduleNext();
            }
        });
    }

    private void scrubOne() {
        List<PartitionRecord> partitions = world.catalogs.newest().getPartitionsList();
        if (partitions.isEmpty()) {
            return;
        }
        int partition = chance.oneOf(partitions).getId();
        for (SimulatedNode node : world.nodes.values()) {
            Optional<Replica> leader = node.replica(partition).filter(Replica::leads);
            if (leader.isPresent()) {
                Set<String> compared = votersOf(leader.get());
                boolean differed = holdsPlant(leader.get()) && isPlantIn(compared);
                node.scrub(partition, result -> onResult(result, differed, compared, leader.get()));
            }
        }
    }

    private static Set<String> votersOf(Replica leader) {
        return leader.core().configuration().voters().stream()
                .map(name -> Member.of(name).node())
                .collect(Collectors.toSet());
    }

    /** Whether the planted key is one of the partition's; the system partition has no items. */
    private boolean holdsPlant(Replica replica) {
        Plant planted = plant;
        return planted != null && replica.partition() != 0 && replica.tokens().contains(planted.token());
    }

    /** Whether some of these nodes hold what was planted, and others do not. */
    private boolean isPlantIn(Set<String> nodes) {
        Plant planted = plant;
        if (planted == null) {
            return false;
        }
        long holders = holders(planted, nodes);
        return holders > 0 && holders < nodes.size();
    }

    private long holders(Plant planted, Set<String> nodes) {
        return nodes.stream()
                .filter(name -> world.node(name).storage().get(planted.key()) != null)
                .count();
    }

    /**
     * @param differed whether voters differed when the scrub began
     * @param compared the nodes of the voters then
     */
    private void onResult(ScrubResult result, boolean differed, Set<String> compared, Replica leader) {
        world.trace.event(
                world.scheduler.nowNanos(), "world", "scrub", result.outcome().ordinal(), result::toString);
        switch (result.outcome()) {
            case EQUAL -> {
                equalCount++;
                // One that was moved away or replaced meanwhile was not compared.
                boolean missed =
                        differed && compared.equals(votersOf(leader)) && holdsPlant(leader) && isPlantIn(compared);
                if (missed) {
                    throw new SimulationFailure("a scrub missed the planted difference: " + result);
                }
            }
            case INCOMPLETE, INTERRUPTED -> {}
            case REPAIRING, UNDECIDED -> {
                Plant planted = plant;
                if (planted == null || !holdsPlant(leader)) {
                    throw new SimulationFailure("a scrub found a difference: " + result);
                }
                foundCount++;
                if (result.outcome() == ScrubResult.Outcome.UNDECIDED && isHalved(planted, compared)) {
                    decide(planted);
                }
            }
        }
    }

    /** Of an even number of replicas half may hold it, after a snapshot of one that did. */
    private boolean isHalved(Plant planted, Set<String> nodes) {
        return holders(planted, nodes) * 2 == nodes.size();
    }

    /** What an operator does where no majority agrees. */
    private void decide(Plant planted) {
        world.nodes.values().forEach(node -> {
            node.storage().write(new WriteBatch().delete(planted.key()));
            node.storage().flush();
        });
    }

    /** Writes straight into one replica's storage. */
    private void plant() {
        List<PartitionRecord> partitions = world.catalogs.dataPartitions();
        if (partitions.isEmpty()) {
            world.scheduler.after(chance.below(PAUSE_NANOS_MAX), this::plant);
            return;
        }
        PartitionRecord partition = chance.oneOf(partitions);
        SimulatedNode node = world.node(chance.oneOf(partition.getReplicasList()));
        byte[] itemKey = ByteBuffer.allocate(Long.BYTES)
                .putLong(partition.getStartToken())
                .array();
        byte[] key = StorageKeys.itemKey(PLANTED_TABLE, itemKey);
        node.storage().write(new WriteBatch().put(key, new byte[] {1}));
        node.storage().flush();
        plant = new Plant(partition.getStartToken(), key);
        world.trace.event(world.scheduler.nowNanos(), node.name(), "plant", partition.getId(), () -> "a difference");
    }

    /** Whether the difference that was planted is there no more: every node that is to have the partition holds it, or none. */
    boolean plantIsGone() {
        Plant planted = plant;
        if (planted == null) {
            return mode != Mode.PLANTED;
        }
        return world.catalogs.dataPartitions().stream()
                .filter(partition ->
                        Tokens.inRange(planted.token(), partition.getStartToken(), partition.getEndToken()))
                .noneMatch(partition -> isPlantIn(Set.copyOf(Placements.nodesOf(partition))));
    }
}
