package dev.henge.membership.gossip;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import java.lang.reflect.Constructor;
import java.lang.reflect.InvocationTargetException;
import java.lang.reflect.RecordComponent;
import org.junit.jupiter.api.Test;

class GossipSettingsTest {

    @Test
    void theDefaultsDetectWithinASecondAndAHalfByPlan() {
        GossipSettings settings = GossipSettings.DEFAULTS;

        // Half a round of two on the average, the probe's period, the suspicion.
        assertThat(settings.probeIntervalMillis() * 2 + settings.suspicionMillisMin())
                .isLessThanOrEqualTo(1_500);
    }

    @Test
    void everyNumberHasALeastAndTheMessageNamesIt() {
        for (RecordComponent component : GossipSettings.class.getRecordComponents()) {
            if (component.getType() != boolean.class) {
                assertThatIllegalArgumentException().as(component.getName()).isThrownBy(() -> with(component, -1));
            }
        }
    }

    @Test
    void timesThatDoNotFitEachOtherAreRefused() {
        assertThatIllegalArgumentException()
                .isThrownBy(() -> with(component("probeTimeoutMillis"), 190))
                .withMessageContaining("nack");
        assertThatIllegalArgumentException().isThrownBy(() -> with(component("suspicionMillisMin"), 100));
        assertThatIllegalArgumentException().isThrownBy(() -> with(component("tombstonesMax"), 5_000));
        assertThatIllegalArgumentException().isThrownBy(() -> with(component("forgetMillis"), 60_000));
    }

    private static RecordComponent component(String name) {
        for (RecordComponent component : GossipSettings.class.getRecordComponents()) {
            if (component.getName().equals(name)) {
                return component;
            }
        }
        throw new AssertionError(name);
    }

    /** The defaults but for one. */
    private static GossipSettings with(RecordComponent changed, long value) throws Throwable {
        RecordComponent[] components = GossipSettings.class.getRecordComponents();
        Object[] values = new Object[components.length];
        Class<?>[] types = new Class<?>[components.length];
        for (int index = 0; index < components.length; index++) {
            types[index] = components[index].getType();
            values[index] = components[index].getAccessor().invoke(GossipSettings.DEFAULTS);
            if (components[index].getName().equals(changed.getName())) {
                values[index] = types[index] == int.class ? (Object) (int) value : (Object) value;
            }
        }
        Constructor<GossipSettings> constructor = GossipSettings.class.getDeclaredConstructor(types);
        try {
            return constructor.newInstance(values);
        } catch (InvocationTargetException e) {
            throw e.getCause();
        }
    }
}
