using TransformFramework.Execution;
using TransformFramework.Graphs;
using TransformFramework.Toolkit.GraphDefs;

namespace TransformFramework.Benchmarks.Networks;

/// <summary>A network in one kind, as files.</summary>
/// <param name="Kind">How its numbers are represented.</param>
/// <param name="File">Our graph.</param>
/// <param name="OnnxFile">ONNX Runtime's; null for kinds that it lacks.</param>
/// <param name="HasSameWeights">True when both compute the same.</param>
/// <param name="UnsafePairs">Share of neighbouring weights whose products may leave 16 bits; null for a float graph.</param>
internal sealed record NetworkVariant(string Kind, string File, string? OnnxFile, bool HasSameWeights, double? UnsafePairs)
{
    /// <summary>Numbers that our products of floats take.</summary>
    public FloatPrecision Precision { get; init; }

    /// <summary>True when our convolutions sum all their products.</summary>
    public bool DirectConvolution { get; init; }

    /// <summary>A network in the kinds that are asked for; in all without any.</summary>
    public static IEnumerable<NetworkVariant> Of(Network network, string folder, IReadOnlyCollection<string> kinds)
    {
        var quantized = new QuantizedNetworks(network, folder);
        if (IsAsked("float"))
            yield return Float(network, folder);
        if (network.IsSequence && IsAsked("dynamic"))
            yield return new("dynamic", Write(network, "dynamic", quantized.InTheRun(), folder), null, HasSameWeights: false, null);
        if (network.IsSequence)
            yield break;
        if (IsAsked("bf16"))
            yield return Float(network, folder) with { Kind = "bf16", Precision = FloatPrecision.BFloat16, HasSameWeights = false };
        if (IsAsked("direct"))
            yield return Float(network, folder) with { Kind = "direct", DirectConvolution = true };
        if (IsAsked("int8"))
            yield return Int8(network, "int8", quantized.WithConstantRanges("saturation=allow"), folder);
        if (IsAsked("int8_avoid_pairs"))
            yield return Int8(network, "int8_avoid_pairs", quantized.WithConstantRanges("saturation=avoid_pairs"), folder);
        if (network.HasClassicForm && IsAsked("classic"))
            yield return Classic(network, quantized.WithRangesOfTheRun(), folder);

        bool IsAsked(string kind) => kinds.Count == 0 || kinds.Contains(kind);
    }

    /// <summary>The float graph, and our export of it.</summary>
    public static NetworkVariant Float(Network network, string folder)
    {
        if (network.OnnxFile is { } both)
            return new("float", both, both, HasSameWeights: true, null);
        string file = Write(network, "float", network.Graph, folder);
        return new("float", file, Export(network, network.Graph, file), HasSameWeights: true, null);
    }

    /// <summary>A graph of quantized values against the file of ONNX Runtime's own quantizer, or against our export of the graph where that file is missing.</summary>
    public static NetworkVariant Int8(Network network, string kind, Graph graph, string folder)
    {
        string file = Write(network, kind, graph, folder);
        double share = Networks.UnsafePairs.Share(graph);
        return Places.OnnxInt8(network.Name) is { } opponent ? new(kind, file, opponent, HasSameWeights: false, share) : new(kind, file, Export(network, graph, file), HasSameWeights: true, share);
    }

    /// <summary>A graph with ranges of the run, which no ONNX file represents.</summary>
    public static NetworkVariant Classic(Network network, Graph graph, string folder) => new("classic", Write(network, "classic", graph, folder), null, HasSameWeights: false, null);

    /// <summary>How our engine compiles it.</summary>
    public CompileOptions Options(int threads) => new() { Threads = threads, Precision = Precision, DirectConvolution = DirectConvolution };

    private static string Write(Network network, string kind, Graph graph, string folder)
    {
        string path = Path.Combine(folder, $"{network.Name}_{kind}.pb");
        using FileStream file = System.IO.File.Create(path);
        GraphDefWriter.Write(graph, file);
        return path;
    }

    private static string Export(Network network, Graph graph, string file)
    {
        string onnx = Path.ChangeExtension(file, ".onnx");
        Engine.Export(graph, network.Input, network.Output, onnx);
        return onnx;
    }
}
