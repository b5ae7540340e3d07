namespace TransformFramework.Quantization.Static.Rounding;

/// <summary>Where the elements of the lower half of a square matrix are, one row after the other, each as long as its number and the diagonal.</summary>
internal static class LowerTriangle
{
    /// <summary>Number of elements of so many rows, and place of the first element of the row after them.</summary>
    public static int Start(int rows) => checked((int)((long)rows * (rows + 1) / 2));
}
