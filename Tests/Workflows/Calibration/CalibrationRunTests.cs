using TransformFramework.Cpu;
using TransformFramework.Graphs;
using TransformFramework.Toolkit.Calibration;
using TransformFramework.Workflows.Calibration;

namespace TransformFramework.Workflows.Tests.Calibration;

public sealed class CalibrationRunTests
{
    private const int Elements = 1 << 16;

    private const string Halves =
        """
        x = Placeholder() {dtype=float, shape=(1,65536)}
        one = Const() {dtype=int32, value=int32[]{1}}
        parts = Split(one, x) {T=float, num_split=2}
        y = Sub(parts, parts:1) {T=float}
        whole = Cast(y) {SrcT=float, DstT=int32}
        shown = Identity(whole) {T=int32}
        """;

    private static readonly CpuBackend Backend = new();

    [Fact]
    public void Every_float_tensor_that_depends_on_an_input_is_seen_by_every_output_that_is_read()
    {
        RangeFile ranges = Run(Halves, ["y", "shown"], samples: 3);
        Assert.Equal(["parts", "parts:1", "x", "y"], ranges.Tensors.Keys.Order(StringComparer.Ordinal));
        Assert.Equal(3, ranges.Samples);
    }

    [Fact]
    public void Shards_merge_to_the_bytes_of_one_run()
    {
        RangeFile merged = Run(Halves, ["y"], samples: 4);
        merged.Merge(Run(Halves, ["y"], samples: 3, first: 4));
        Assert.Equal(Bytes(Run(Halves, ["y"], samples: 7)), Bytes(merged));
    }

    /// <summary>Samples take 512 MB together; what stays of them must not.</summary>
    [Fact]
    public void Memory_does_not_depend_on_the_number_of_samples()
    {
        var used = new Dictionary<int, long>();
        CalibrationRun.Run(Backend, GraphText.Parse(Halves), ["y"], Samples(2000).Select((sample, i) => Measured(sample, i)), _ => { }, CancellationToken.None);
        Assert.InRange(used[1999] - used[50], long.MinValue, 64 << 20);

        IReadOnlyDictionary<string, Tensor> Measured(IReadOnlyDictionary<string, Tensor> sample, int number)
        {
            if (number is 50 or 1999)
                used[number] = GC.GetTotalMemory(forceFullCollection: true);
            return sample;
        }
    }

    private static RangeFile Run(string graph, string[] outputs, int samples, int first = 0) =>
        CalibrationRun.Run(Backend, GraphText.Parse(graph), outputs, Samples(samples, first), _ => { }, CancellationToken.None);

    /// <summary>Numbers whose sums are exact.</summary>
    private static IEnumerable<IReadOnlyDictionary<string, Tensor>> Samples(int count, int first = 0)
    {
        for (int sample = first; sample < first + count; sample++)
        {
            Tensor tensor = Tensor.Allocate<float>(DataType.Float, TensorShape.Of(1, Elements), out var elements);
            for (int i = 0; i < elements.Length; i++)
                elements[i] = (((i * 31) + (sample * 17)) % 256 / 8f) - 10;
            yield return new Dictionary<string, Tensor>(StringComparer.Ordinal) { ["x"] = tensor };
        }
    }

    private static byte[] Bytes(RangeFile ranges)
    {
        using var stream = new MemoryStream();
        ranges.Write(stream);
        return stream.ToArray();
    }
}
