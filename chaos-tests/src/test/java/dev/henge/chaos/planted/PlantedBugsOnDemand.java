package dev.henge.chaos.planted;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

/** Not part of the build's tests (by its name): hunts all planted bugs. The README of this module says how. */
final class PlantedBugsOnDemand {

    private static final Path TABLE = Path.of("target", "planted-bugs.md");

    @Test
    void everyPlantedBugIsFound() throws IOException {
        String wanted = System.getProperty("henge.planted", "");
        int seedsMax = Integer.getInteger("henge.planted.seeds", Integer.MAX_VALUE);
        List<Hunt.Result> results = new ArrayList<>();
        List<String> problems = new ArrayList<>();
        for (PlantedBug bug : PlantedBugs.ALL) {
            if (!bug.id().matches(wanted.isEmpty() ? ".*" : wanted)) {
                continue;
            }
            try {
                Hunt.Result result = Hunt.run(bug, Math.min(bug.seedsMax(), seedsMax));
                System.out.println(result);
                results.add(result);
                if (!result.caught()) {
                    problems.add(result.toString());
                }
            } catch (IllegalStateException e) {
                System.out.println(e);
                problems.add(e.toString());
            }
            Files.writeString(TABLE, Hunt.table(results));
        }
        System.out.println(Hunt.table(results));
        assertThat(problems).isEmpty();
        assertThat(results).isNotEmpty();
    }
}
