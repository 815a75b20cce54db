/** Settings and plugins for tests that start front-ends and back-ends without a daemon. */
@NullMarked
package io.zonewright.testkit.config;

import org.jspecify.annotations.NullMarked;
