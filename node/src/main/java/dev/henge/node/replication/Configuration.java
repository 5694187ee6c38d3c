package dev.henge.node.replication;

import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * Who makes up a group. Majorities are of the voters; a learner gets the log and counts for nothing (thesis, 4.2.1).
 * Members are known by name, see {@link Member}; the name says whether a member keeps the log alone.
 *
 * @param index of the log entry that brought it, 0 for the one that the group began with
 * @param voters sorted, distinct, at least one
 * @param learners sorted, distinct, none of them a voter
 */
public record Configuration(long index, List<String> voters, List<String> learners) {

    public Configuration {
        voters = sorted(voters);
        learners = sorted(learners);
        check(index >= 0, "a configuration's index must not be negative");
        check(!voters.isEmpty(), "a group needs a voter");
        Set<String> names = new HashSet<>(voters);
        names.addAll(learners);
        check(names.size() == voters.size() + learners.size(), "members must be distinct");
    }

    /** The configuration that a group begins with. */
    public static Configuration initial(List<String> voters) {
        return new Configuration(0, voters, List.of());
    }

    public boolean isVoter(@Nullable String member) {
        return member != null && voters.contains(member);
    }

    public boolean isLearner(@Nullable String member) {
        return member != null && learners.contains(member);
    }

    public boolean isMember(@Nullable String member) {
        return isVoter(member) || isLearner(member);
    }

    /** Whether some member keeps the log alone. */
    public boolean hasLogMembers() {
        return oneKeepsLogAlone(voters) || oneKeepsLogAlone(learners);
    }

    /** Asked on every turn of an event loop. */
    private static boolean oneKeepsLogAlone(List<String> members) {
        for (int place = 0; place < members.size(); place++) {
            if (Member.keepsLogAlone(members.get(place))) {
                return true;
            }
        }
        return false;
    }

    /** The voters that hold items, or are to: those that do not keep the log alone. Sorted. */
    public List<String> fullVoters() {
        return voters.stream().filter(voter -> !Member.keepsLogAlone(voter)).toList();
    }

    /** Whether most of those that vote would hold items, or are to, if this voter were none any more. */
    public boolean isMostlyFullWithout(String voter) {
        long full = fullVoters().stream().filter(other -> !other.equals(voter)).count();
        long left = voters.stream().filter(other -> !other.equals(voter)).count();
        return 2 * full > left;
    }

    /** All members, sorted. */
    public List<String> members() {
        List<String> members = new ArrayList<>(voters);
        members.addAll(learners);
        return sorted(members);
    }

    /** The configuration that this one becomes by a change that is allowed. */
    Configuration after(ConfigurationChange change, long entryIndex) {
        String member = change.member();
        List<String> newVoters = new ArrayList<>(voters);
        List<String> newLearners = new ArrayList<>(learners);
        newVoters.remove(member);
        newLearners.remove(member);
        switch (change) {
            case ConfigurationChange.AddLearner ignored -> newLearners.add(member);
            case ConfigurationChange.Promote ignored -> newVoters.add(member);
            case ConfigurationChange.Demote ignored -> newLearners.add(member);
            case ConfigurationChange.Remove ignored -> {}
        }
        return new Configuration(entryIndex, newVoters, newLearners);
    }

    private static List<String> sorted(List<String> names) {
        return names.stream().sorted().toList();
    }

    private static void check(boolean condition, String message) {
        if (!condition) {
            throw new IllegalArgumentException(message);
        }
    }
}
