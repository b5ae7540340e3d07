using TransformFramework.Cpu;
using TransformFramework.Execution;
using TransformFramework.Graphs;
using TransformFramework.Toolkit.Arrays;
using TransformFramework.Toolkit.GraphDefs;

namespace TransformFramework.Emulation;

/// <summary>What a graph of the digits example computes on this machine.</summary>
internal static class DigitScores
{
    private const string Input = "Placeholder";
    private const string Output = "DigitsNet/Predictions/Reshape_1";

    /// <summary>The bytes of the scores of the first images of an archive, fed one at a time, with two threads.</summary>
    /// <param name="graphFile">The graph.</param>
    /// <param name="imageFile">An archive with the array <c>images</c>.</param>
    /// <param name="count">How many images.</param>
    public static byte[] Compute(string graphFile, string imageFile, int count)
    {
        Graph graph = GraphDefReader.Read(File.ReadAllBytes(graphFile));
        IExecutable executable = new CpuBackend().Compile(graph, [Output], new CompileOptions { Feeds = [Input], Threads = 2 });
        using FileStream archive = File.OpenRead(imageFile);
        Tensor images = NpzFile.Read(archive)["images"];
        int size = images.Bytes.Length / (int)images.Shape[0];
        var scores = new List<byte>();
        for (int i = 0; i < count; i++)
        {
            float[] pixels = [.. images.Bytes.Slice(i * size, size).ToArray().Select(pixel => pixel / 255f)];
            var feeds = new Dictionary<string, Tensor>(StringComparer.Ordinal) { [Input] = Tensor.Create<float>(DataType.Float, TensorShape.Of(1, 32, 32, 1), pixels) };
            scores.AddRange(executable.Run(feeds)[0].Bytes.Span);
        }
        return [.. scores];
    }
}
