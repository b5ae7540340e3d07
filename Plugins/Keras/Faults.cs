namespace TransformFramework.Keras;

/// <summary>What code throws that meets sizes, ranks or values which a file must not have.</summary>
internal static class Faults
{
    /// <summary>True for such an exception.</summary>
    public static bool Is(Exception error) =>
        error is ArithmeticException or OutOfMemoryException or IndexOutOfRangeException or InvalidOperationException or ArgumentException or InvalidCastException or FormatException or KeyNotFoundException or NotSupportedException;
}
