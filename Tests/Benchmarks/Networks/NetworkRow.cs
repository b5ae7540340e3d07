namespace TransformFramework.Benchmarks.Networks;

/// <summary>Median and minimum of run times in milliseconds.</summary>
internal readonly record struct Statistics(double Median, double Minimum)
{
    public static Statistics Of(IEnumerable<double> times)
    {
        double[] sorted = [.. times.Order()];
        return new(sorted[sorted.Length / 2], sorted[0]);
    }
}

/// <summary>What was measured of a network in one kind with one number of threads.</summary>
/// <param name="Network">The network.</param>
/// <param name="Kind">How its numbers are represented.</param>
/// <param name="Threads">Threads of both engines.</param>
/// <param name="Ours">Times of our runs.</param>
/// <param name="Baseline">Times of our runs of the float graph in the same rounds.</param>
/// <param name="Onnx">Times of ONNX Runtime; null where it has no such file.</param>
/// <param name="Difference">The largest difference of the outputs; null where the opponent has other weights.</param>
/// <param name="Operations">Multiplications and additions of a run.</param>
/// <param name="UnsafePairs">Share of neighbouring weights whose products may leave 16 bits; null for a float graph.</param>
/// <param name="StartOurs">A process of ours; null where none was measured.</param>
/// <param name="StartOnnx">A process of ONNX Runtime; null where none was measured.</param>
internal sealed record NetworkRow(
    string Network, string Kind, int Threads, Statistics Ours, Statistics Baseline, Statistics? Onnx, double? Difference, double Operations, double? UnsafePairs, Start? StartOurs, Start? StartOnnx);
