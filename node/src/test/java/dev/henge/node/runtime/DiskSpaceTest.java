package dev.henge.node.runtime;

import static org.assertj.core.api.Assertions.assertThat;

import dev.henge.node.log.SpaceLevel;
import org.junit.jupiter.api.Test;

class DiskSpaceTest {

    private static final long MB = 1 << 20;
    private static final long GB = 1 << 30;

    private final DiskSpace space = DiskSpace.of(100 * MB, 1000 * GB);

    @Test
    void roomForTheMemtablesIsKeptAndOnASmallDiskATenth() {
        assertThat(DiskSpace.of(100 * MB, 1000 * GB).lowBytes()).isEqualTo(512 * MB);
        assertThat(DiskSpace.of(2 * GB, 1000 * GB).lowBytes()).isEqualTo(2 * GB);
        assertThat(DiskSpace.of(100 * MB, 200 * MB).lowBytes()).isEqualTo(20 * MB);
    }

    @Test
    void clientsAreRefusedFirstAndFollowersRefuseAtHalfOfThat() {
        assertThat(next(SpaceLevel.AMPLE, 513 * MB)).isEqualTo(SpaceLevel.AMPLE);
        assertThat(next(SpaceLevel.AMPLE, 511 * MB)).isEqualTo(SpaceLevel.LOW);
        assertThat(next(SpaceLevel.LOW, 257 * MB)).isEqualTo(SpaceLevel.LOW);
        assertThat(next(SpaceLevel.LOW, 255 * MB)).isEqualTo(SpaceLevel.SCARCE);
        assertThat(next(SpaceLevel.AMPLE, 0)).isEqualTo(SpaceLevel.SCARCE);
    }

    @Test
    void aLevelIsLeftWhenAQuarterMoreIsFreeThanWhenItWasEntered() {
        assertThat(next(SpaceLevel.LOW, 639 * MB)).isEqualTo(SpaceLevel.LOW);
        assertThat(next(SpaceLevel.LOW, 641 * MB)).isEqualTo(SpaceLevel.AMPLE);
        assertThat(next(SpaceLevel.SCARCE, 319 * MB)).isEqualTo(SpaceLevel.SCARCE);
        assertThat(next(SpaceLevel.SCARCE, 321 * MB)).isEqualTo(SpaceLevel.LOW);
        assertThat(next(SpaceLevel.SCARCE, 2 * GB)).isEqualTo(SpaceLevel.AMPLE);
    }

    @Test
    void aStorageThatCanNotWriteTakesNothingWhateverIsFree() {
        assertThat(space.next(SpaceLevel.AMPLE, new DiskSpace.Reading(100 * GB, false, true)))
                .isEqualTo(SpaceLevel.SCARCE);
    }

    @Test
    void withoutANextSegmentClientsAreRefusedWhateverIsFree() {
        assertThat(space.next(SpaceLevel.AMPLE, new DiskSpace.Reading(100 * GB, true, false)))
                .isEqualTo(SpaceLevel.LOW);
    }

    private SpaceLevel next(SpaceLevel before, long freeBytes) {
        return space.next(before, new DiskSpace.Reading(freeBytes, false, false));
    }
}
