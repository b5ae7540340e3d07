namespace TransformFramework.Cpu.Kernels.Elementwise;

/// <summary>
/// The reciprocal square root estimate of x86 processors (RSQRTPS) as AMD's Zen gives it: twelve bits, from two tables over [1, 4) that are added
/// (a bipartite table after Das Sarma and Matula). The first holds its difference from the rounded root, the second what each further step takes off.
/// </summary>
internal static class ReciprocalRootEstimate
{
    private const int Bits = 13;

    private const string Offsets =
        "1112111211122112212112222222122222112222212222222211122221222222" +
        "1121112222221122122222122222222222211221212221221221111111111222" +
        "2222222222222222122222222222222221221222222212212223222222333333" +
        "1112221122122122222222222222222212222222222222222221122221222122" +
        "1221122222222222122111111222122221221122222222221221222122222122" +
        "2222222211221222222222222222222222222221222122122222222222222222" +
        "1122222222222112221222122221212122222222222222222222222333333222" +
        "1222211222122122122221212121212222122222122222221222222222222222";

    private const string Steps =
        "01234567789ABCDE01233456789AABCD012234566789ABBC0122344567789AAB" +
        "001223455677899A011233455667889A00122334456678890011223445566788" +
        "0112233445566778001122334455667700112233344556670112223344556667" +
        "0011122333445566001122233444555600111223334455560001112233344455" +
        "011233455677899A001223345567789900122334456677880012233445566778" +
        "0011223344556677011122334455666700112223344555660011222334445566" +
        "0001122233344555001112223334445500111222333444550111222333444455" +
        "0001112222333444000111222233344400111122223333440011112222333344";

    private static readonly int[] Table = BuildTable();

    /// <summary>The estimate for a positive, normal number; zero for infinity.</summary>
    public static float Of(float x)
    {
        if (float.IsPositiveInfinity(x))
            return 0;
        int bits = BitConverter.SingleToInt32Bits(x);
        int exponent = (bits >> 23) - 127;
        int fraction = (bits >> (23 - Bits + 1)) & ((1 << (Bits - 1)) - 1);
        return MathF.ScaleB(Table[((exponent & 1) << (Bits - 1)) | fraction], -Bits - (exponent >> 1));
    }

    private static int[] BuildTable()
    {
        int[] table = new int[1 << Bits];
        for (int i = 0; i < table.Length; i++)
        {
            int coarse = i >> 4;
            double x = coarse < 256 ? 1 + (coarse / 256.0) : 2 + ((coarse - 256) / 128.0);
            int root = (int)Math.Round(table.Length / Math.Sqrt(x));
            table[i] = root + Offsets[coarse] - '2' - Convert.ToInt32(Steps.Substring(((i >> 8) * 16) + (i & 15), 1), 16);
        }
        return table;
    }
}
