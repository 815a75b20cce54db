/**
 * The medium {@code null-zoned}: a zoned device in memory, off heap and sparse.
 *
 * <ul>
 *   <li>Settings: {@link io.zonewright.backend.nullzoned.NullZonedKeys} says what there is to set,
 *       {@code SettingsReader} checks it all and makes a {@code NullZonedPlan}.
 *   <li>Running: {@code NullZonedBackend} sorts requests; a {@code Store} keeps the data ({@code SparseStore} in
 *       memory with a {@code PieceMap} of what is written, {@code DiscardStore} nowhere).
 *   <li>Later: {@code Reclaimer} gives large pieces of memory back on its own thread, {@code LateCompletions} makes
 *       the device as slow as the user asked.
 * </ul>
 */
@NullMarked
package io.zonewright.backend.nullzoned;

import org.jspecify.annotations.NullMarked;
