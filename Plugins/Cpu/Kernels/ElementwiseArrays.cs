namespace TransformFramework.Cpu.Kernels;

/// <summary>What <see cref="Array"/> does, for arrays of numbers: compiled ahead of time with this assembly, where the framework's own code for such arrays is compiled at each start.</summary>
internal static class ElementwiseArrays
{
    /// <summary>A value for each value.</summary>
    public static TResult[] Map<T, TResult>(this T[] values, Func<T, TResult> function)
    {
        var results = new TResult[values.Length];
        for (int i = 0; i < values.Length; i++)
            results[i] = function(values[i]);
        return results;
    }

    /// <summary>True when all values meet a condition.</summary>
    public static bool AllAre<T>(this T[] values, Func<T, bool> condition)
    {
        foreach (T value in values)
        {
            if (!condition(value))
                return false;
        }
        return true;
    }
}
