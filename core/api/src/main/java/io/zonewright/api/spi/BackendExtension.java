package io.zonewright.api.spi;

import io.zonewright.api.config.Key;
import io.zonewright.api.config.Settings;
import java.util.List;
import org.pf4j.ExtensionPoint;

/**
 * Adds a medium. Annotate the implementation with {@code @org.pf4j.Extension}; it needs a public constructor without
 * arguments. Called from one thread at a time.
 */
public interface BackendExtension extends ExtensionPoint {
    /** The word for {@code backend: { type: … }}; unique among the host's back-ends. */
    String type();

    /** One sentence for {@code zonewright plugins}. */
    String summary();

    /** The keys of {@code backend:} other than {@code type}. */
    List<Key> keys();

    /**
     * Checks the settings and remembers them; opens nothing. All problems are reported through
     * {@link Settings#problem}; if there are any, the returned plan is not opened.
     */
    BackendPlan plan(Settings settings, DeviceIdentity device);
}
