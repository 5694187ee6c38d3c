package dev.henge.chaos.planted;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** A bug of each kind, of those that almost every seed finds; {@link PlantedBugsOnDemand} hunts all. */
final class PlantedBugsTest {

    private static final String QUORUM = "node.replication.Quorum";

    private static Stream<PlantedBug> quickBugs() {
        return PlantedBugs.ALL.stream().filter(PlantedBug::quick);
    }

    @ParameterizedTest
    @MethodSource("quickBugs")
    void theSimulationFinds(PlantedBug bug) {
        Hunt.Result result = Hunt.run(bug, bug.seedsMax());
        System.out.println(result);

        assertThat(result.caught()).as(result.toString()).isTrue();
    }

    @Test
    void everyBugCanBePlanted() {
        for (PlantedBug bug : PlantedBugs.ALL) {
            assertThat(ChangedClasses.compile(bug.edits()).isEmpty())
                    .as(bug.id())
                    .isEqualTo(bug.isSabotage());
        }
        assertThat(PlantedBugs.ALL).extracting(PlantedBug::id).doesNotHaveDuplicates();
        assertThat(PlantedBugs.ALL).hasSizeGreaterThan(50);
        assertThat(quickBugs()).hasSizeGreaterThan(10);
    }

    @Test
    void aBugWhoseTextIsGoneIsAnError() {
        PlantedBug bug = PlantedBug.of("gone", 1, "nothing", Edit.of(QUORUM, "return voters / 3;", "return PLANTED;"));

        assertThatThrownBy(() -> Hunt.run(bug, 1))
                .isInstanceOf(IllegalStateException.class)
                .hasMessageContaining("gone can't be planted")
                .hasMessageContaining("no longer holds the text");
    }

    @Test
    void aBugWhoseTextStandsTwiceIsAnError() {
        PlantedBug bug = PlantedBug.of("twice", 1, "nothing", Edit.of(QUORUM, "voters", "PLANTED"));

        assertThatThrownBy(() -> Hunt.run(bug, 1)).hasMessageContaining("more than once");
    }

    @Test
    void aBugThatDoesNotCompileIsAnError() {
        PlantedBug bug = PlantedBug.of(
                "nonsense", 1, "nothing", Edit.of(QUORUM, "return voters / 2 + 1;", "return PLANTED + votersss;"));

        assertThatThrownBy(() -> Hunt.run(bug, 1)).hasMessageContaining("does not compile");
    }

    @Test
    void aBugThatIsNeverReachedIsAnError() {
        PlantedBug bug = PlantedBug.of(
                "idle",
                1,
                "nothing",
                Edit.of(QUORUM, "return voters / 2 + 1;", "return voters < 0 && PLANTED ? 0 : voters / 2 + 1;"));

        assertThatThrownBy(() -> Hunt.run(bug, 1)).hasMessageContaining("was never reached");
    }

    @Test
    void aChangeThatBreaksNothingIsNotCaught() {
        PlantedBug bug = PlantedBug.of(
                "harmless",
                1,
                "nothing",
                Edit.of(QUORUM, "return voters / 2 + 1;", "return PLANTED ? voters / 2 + 1 : 0;"));

        Hunt.Result result = Hunt.run(bug, 2);

        assertThat(result.caught()).isFalse();
        assertThat(result.reachedCount()).isPositive();
        assertThat(Hunt.table(List.of(result))).contains("| harmless | nothing | NOT CAUGHT | 2 |");
    }
}
