package dev.henge.chaos.planted;

import java.util.List;

/**
 * A bug to be found.
 *
 * @param breaks one sentence on what is broken
 * @param edits the change; none when the bug is one of the simulation's sabotages
 * @param settings changes that make the bug show sooner (a smaller constant); the run without the bug has them too
 * @param sabotage the name of a {@code Sabotage} of the simulation
 * @param seedsMax within how many seeds it must be found
 * @param quick whether every build hunts it
 */
record PlantedBug(
        String id,
        String breaks,
        List<Edit> edits,
        List<Edit> settings,
        Profile profile,
        String sabotage,
        int seedsMax,
        boolean quick) {

    static final String NO_SABOTAGE = "NONE";

    PlantedBug {
        if (sabotage.equals(NO_SABOTAGE) && edits.stream().noneMatch(Edit::marksItsPlace)) {
            throw new IllegalArgumentException(id + " does not say PLANTED anywhere");
        }
    }

    static PlantedBug of(String id, int seedsMax, String breaks, Edit... edits) {
        return new PlantedBug(id, breaks, List.of(edits), List.of(), Profile.CAMPAIGN, NO_SABOTAGE, seedsMax, false);
    }

    static PlantedBug sabotage(String id, int seedsMax, String breaks, String sabotage) {
        return new PlantedBug(id, breaks, List.of(), List.of(), Profile.CAMPAIGN, sabotage, seedsMax, false);
    }

    PlantedBug with(Profile otherProfile) {
        return new PlantedBug(id, breaks, edits, settings, otherProfile, sabotage, seedsMax, quick);
    }

    PlantedBug under(Edit... otherSettings) {
        return new PlantedBug(id, breaks, edits, List.of(otherSettings), profile, sabotage, seedsMax, quick);
    }

    /** One of those that every build hunts: found by almost every seed. */
    PlantedBug inEveryBuild() {
        return new PlantedBug(id, breaks, edits, settings, profile, sabotage, seedsMax, true);
    }

    boolean isSabotage() {
        return !sabotage.equals(NO_SABOTAGE);
    }

    @Override
    public String toString() {
        return id;
    }
}
