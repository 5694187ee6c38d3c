package dev.henge.chaos.planted;

import java.io.IOException;
import java.io.InputStream;
import java.util.List;
import java.util.Map;

/**
 * Loads the changed classes and all that may link to them anew; everything else is its parent's, and compiled by then. One
 * loader is one variant of the product.
 */
final class ChangedLoader extends ClassLoader {

    private static final List<String> LOADED_ANEW =
            List.of("dev.henge.node.", "dev.henge.membership.", "dev.henge.cluster.", "dev.henge.chaos.simulation.");
    private static final String RUNNER = "dev.henge.chaos.simulation.SimulatedSeedRunner";

    private final Map<String, byte[]> changed;

    ChangedLoader(Map<String, byte[]> changed) {
        super(ChangedLoader.class.getClassLoader());
        this.changed = changed;
        changed.keySet().forEach(name -> {
            if (!isLoadedAnew(name)) {
                throw new IllegalStateException("classes that link to " + name + " are not loaded anew");
            }
        });
    }

    /** A runner of this variant. */
    SeedRunner runner() {
        try {
            return (SeedRunner) loadClass(RUNNER).getDeclaredConstructor().newInstance();
        } catch (ReflectiveOperationException e) {
            throw new IllegalStateException(e);
        }
    }

    private static boolean isLoadedAnew(String name) {
        return LOADED_ANEW.stream().anyMatch(name::startsWith);
    }

    @Override
    protected Class<?> loadClass(String name, boolean resolve) throws ClassNotFoundException {
        if (!isLoadedAnew(name)) {
            return super.loadClass(name, resolve);
        }
        synchronized (getClassLoadingLock(name)) {
            Class<?> loaded = findLoadedClass(name);
            if (loaded != null) {
                return loaded;
            }
            byte[] bytes = changed.containsKey(name) ? changed.get(name) : original(name);
            return defineClass(name, bytes, 0, bytes.length);
        }
    }

    private byte[] original(String name) throws ClassNotFoundException {
        try (InputStream stream = getParent().getResourceAsStream(name.replace('.', '/') + ".class")) {
            if (stream == null) {
                throw new ClassNotFoundException(name);
            }
            return stream.readAllBytes();
        } catch (IOException e) {
            throw new ClassNotFoundException(name, e);
        }
    }
}
