package dev.henge.chaos.simulation;

import java.lang.reflect.RecordComponent;
import java.util.Arrays;
import java.util.HashMap;
import java.util.Map;

/** Settings with some values changed, by the names of the record's components. */
final class SettingsWith {

    private SettingsWith() {}

    static Settings values(Settings settings, Map<String, Object> changes) {
        Map<String, Object> left = new HashMap<>(changes);
        RecordComponent[] components = Settings.class.getRecordComponents();
        Object[] values = new Object[components.length];
        Class<?>[] types = new Class<?>[components.length];
        try {
            for (int place = 0; place < components.length; place++) {
                RecordComponent component = components[place];
                Object changed = left.remove(component.getName());
                values[place] =
                        changed != null ? changed : component.getAccessor().invoke(settings);
                types[place] = component.getType();
            }
            if (!left.isEmpty()) {
                throw new IllegalArgumentException(
                        "settings have no " + left.keySet() + ", but " + Arrays.toString(components));
            }
            return Settings.class.getDeclaredConstructor(types).newInstance(values);
        } catch (ReflectiveOperationException e) {
            throw new IllegalStateException(e);
        }
    }
}
