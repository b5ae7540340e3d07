using TransformFramework.Engine.Files;
using TransformFramework.Engine.Models;
using TransformFramework.Graphs;
using TransformFramework.Toolkit.Protobuf;

namespace TransformFramework.Workflows.Benchmarking;

/// <summary>Files of one message BenchmarkEntries each, as the original benchmark_model writes them.</summary>
public static class BenchmarkEntries
{
    private const int Entry = 1;
    private const int Name = 1;
    private const int Iterations = 2;
    private const int CpuTime = 3;
    private const int WallTime = 4;
    private const int Throughput = 5;
    private const int BufferBytes = 1 << 10;
    private const double MebiByte = 1 << 20;

    /// <summary>
    /// Writes the mean time of the runs with the throughput of the first input, then the times of compiling, of the first run, of both, and of each op type, to files named
    /// <paramref name="prefix"/> + <paramref name="name"/> (/ as __) + what is measured.
    /// </summary>
    /// <exception cref="ModelFiles.ModelFormatException">A file cannot be written.</exception>
    public static void Write(string prefix, string name, GraphMeasurement measured)
    {
        int runs = measured.Times.Count;
        double bytes = measured.Graph.Feeds.Values.FirstOrDefault() is { } input ? (double)input.ElementCount * input.Type.Size() : 0;
        Write(prefix, name, runs, measured.Times.Mean, bytes / MebiByte / (measured.Times.Mean / 1000));
        Write(prefix, name + "_meta-init", 1, measured.CompileMilliseconds);
        Write(prefix, name + "_meta-first-inference", 1, measured.Warmup.First);
        Write(prefix, name + "_meta-init-plus-first-inference", 1, measured.CompileMilliseconds + measured.Warmup.First);
        foreach (TypeTotal type in measured.ByType())
            Write(prefix, $"{name}_{type.Op}", runs, type.Milliseconds);
    }

    private static void Write(string prefix, string name, int iterations, double milliseconds, double throughput = 0)
    {
        using var entry = new MemoryStream();
        var fields = new WireWriter(new byte[BufferBytes], entry);
        fields.Text(Name, name);
        fields.Scalar(Iterations, iterations);
        Number(fields, CpuTime, -1);
        Number(fields, WallTime, milliseconds / 1000);
        if (throughput > 0)
            Number(fields, Throughput, throughput);
        fields.Flush();
        AtomicFile.Write(prefix + name.Replace("/", "__", StringComparison.Ordinal), stream =>
        {
            var entries = new WireWriter(new byte[BufferBytes], stream);
            entries.Bytes(Entry, entry.ToArray());
            entries.Flush();
        }, beforeReplace: null);
    }

    private static void Number(WireWriter fields, int field, double value)
    {
        fields.Tag(field, WireType.Fixed64);
        fields.Fixed64(BitConverter.DoubleToUInt64Bits(value));
    }
}
