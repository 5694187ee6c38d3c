package dev.henge.node.replication;

import java.util.HashMap;
import java.util.Map;

/** The answers to one candidacy, or to the question whether to begin one. */
final class Ballot {

    private final Map<String, Boolean> answers = new HashMap<>();

    void begin() {
        answers.clear();
    }

    /** A member's first answer stands. */
    void answer(String member, boolean granted) {
        answers.putIfAbsent(member, granted);
    }

    /** Counts the answers of the configuration's voters alone. */
    Quorum.Outcome outcome(Configuration configuration) {
        int granted = 0;
        int refused = 0;
        for (String voter : configuration.voters()) {
            Boolean answer = answers.get(voter);
            if (answer != null && answer) {
                granted++;
            } else if (answer != null) {
                refused++;
            }
        }
        return new Quorum(configuration.voters().size()).outcome(granted, refused);
    }
}
