package dev.henge.membership.plan;

import java.util.List;
import java.util.Optional;

/** One change of the cluster that may begin now. */
public sealed interface Step {

    /** The partitions that it changes. */
    List<Integer> partitions();

    /** Why, in words for the operator. */
    String reason();

    /** The node that it builds a replica with items on; empty if it builds none. */
    default Optional<String> learner() {
        return Optional.empty();
    }

    /** The node whose replica with items goes; empty if none does. */
    default Optional<String> leaver() {
        return Optional.empty();
    }

    /** Whether it changes where the replicas with items are. */
    default boolean movesReplica() {
        return learner().isPresent() || leaver().isPresent();
    }

    /**
     * A new replica in the place of one: built as a learner, caught up, promoted; then the old one is retired. A leader that is
     * to be retired hands its leadership over first. The new node may be the one that keeps the log in the old one's place.
     */
    record ReplaceReplica(int partition, String from, String to, String reason) implements Step {
        @Override
        public List<Integer> partitions() {
            return List.of(partition);
        }

        @Override
        public Optional<String> learner() {
            return Optional.of(to);
        }

        @Override
        public Optional<String> leaver() {
            return Optional.of(from);
        }
    }

    /** One replica more: built as a learner, caught up, promoted. */
    record AddReplica(int partition, String to, String reason) implements Step {
        @Override
        public List<Integer> partitions() {
            return List.of(partition);
        }

        @Override
        public Optional<String> learner() {
            return Optional.of(to);
        }
    }

    /** One replica less, where there are more than asked for. */
    record RemoveReplica(int partition, String from, String reason) implements Step {
        @Override
        public List<Integer> partitions() {
            return List.of(partition);
        }

        @Override
        public Optional<String> leaver() {
            return Optional.of(from).filter(name -> !name.isEmpty());
        }
    }

    record TransferLeadership(int partition, String to, String reason) implements Step {
        @Override
        public List<Integer> partitions() {
            return List.of(partition);
        }
    }

    /** Cuts a partition in two on its own replicas; the second begins with a token. */
    record Split(int partition, long atToken, String reason) implements Step {
        @Override
        public List<Integer> partitions() {
            return List.of(partition);
        }
    }

    /** Makes one of two neighbours on the same voters; their leaders may still differ. */
    record Merge(int left, int right, String reason) implements Step {
        @Override
        public List<Integer> partitions() {
            return List.of(left, right);
        }
    }

    /** Has a node keep the log in the place of a voter that is down; also in the place of another node that did. */
    record PlaceLogReplica(int partition, String node, String inPlaceOf, String reason) implements Step {
        @Override
        public List<Integer> partitions() {
            return List.of(partition);
        }
    }

    /** The voter is back or replaced: the log replica goes. */
    record RetireLogReplica(int partition, String node, String inPlaceOf, String reason) implements Step {
        @Override
        public List<Integer> partitions() {
            return List.of(partition);
        }
    }

    /** A running step that will not end: undone. The partition is free for another once it is gone from the running ones. */
    record Abandon(Step running, String reason) implements Step {
        @Override
        public List<Integer> partitions() {
            return running.partitions();
        }
    }

    /**
     * A running move that can't end, as a replica that was to stay is lost: the lost one goes instead, and who was to go stays.
     * What is being built goes on being built; the running step is another one from then on.
     */
    record Redirect(Step running, String lost, String reason) implements Step {
        @Override
        public List<Integer> partitions() {
            return running.partitions();
        }
    }
}
