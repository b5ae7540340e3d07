using System.Collections.Immutable;
using TransformFramework.Diagnostics;
using TransformFramework.Execution;
using TransformFramework.Graphs;
using TransformFramework.Transforms;

namespace TransformFramework.Structure.Downgrade;

/// <summary>Runs two graphs on the same made-up inputs and compares their outputs.</summary>
internal static class ComparedRuns
{
    private const double Tolerance = 1e-3;
    private const int UnknownSize = 2;
    private const long MostElements = 1 << 22;

    /// <exception cref="TransformException">Internal: an output differs.</exception>
    public static void Check(Graph before, Graph after, TransformContext context)
    {
        if (context.Backend is not { } backend || context.OutputNames.IsEmpty)
            return;
        if (before.Nodes.Select(Obscurity).FirstOrDefault(reason => reason is not null) is { } obscurity)
        {
            context.Report(StructureDiagnostics.NotCompared.With(obscurity));
            return;
        }
        try
        {
            if (Feeds(before) is not { } feeds)
            {
                context.Report(StructureDiagnostics.NotCompared.With("an input's shape is not known"));
                return;
            }
            var expected = backend.Compile(before, context.OutputNames, CompileOptions.Default).Run(feeds, context.Cancellation);
            var actual = backend.Compile(after, context.OutputNames, CompileOptions.Default).Run(feeds, context.Cancellation);
            for (int i = 0; i < expected.Length; i++)
            {
                if (expected[i].Type != actual[i].Type)
                    context.Report(StructureDiagnostics.NotCompared.With($"the backend computes '{context.OutputNames[i]}' of the graph before as {expected[i].Type.Name()}"));
                else if (!Agree(expected[i], actual[i]))
                    throw new TransformException(StatusKind.Internal, $"the rewritten graph computes another '{context.OutputNames[i]}'") { Suggestion = "check=false writes the graph all the same." };
            }
        }
        catch (ExecutionException error)
        {
            context.Report(StructureDiagnostics.NotCompared.With(error.Message));
        }
    }

    /// <summary>Why runs on made-up inputs say nothing about a graph with the node, or null.</summary>
    private static string? Obscurity(Node node) => node switch
    {
        _ when IsDilatedDepthwise(node) => $"kernels of DepthwiseConv2dNative on CPUs ignore the dilations of '{node.Name}'",
        { Op: "LowerBound" or "UpperBound" } => $"'{node.Name}' is defined for sorted rows, and made-up inputs are not sorted",
        _ => null,
    };

    private static bool IsDilatedDepthwise(Node node) => node.Op == "DepthwiseConv2dNative" && node.TryLongList("dilations", out var dilations) && dilations.Any(dilation => dilation != 1);

    private static Dictionary<string, Tensor>? Feeds(Graph graph)
    {
        var feeds = new Dictionary<string, Tensor>(StringComparer.Ordinal);
        foreach (Node input in graph.Nodes.Where(node => node.Op is "Placeholder" or "PlaceholderV2"))
        {
            TensorShape declared = input.Shape("shape", TensorShape.Unknown);
            if (declared.IsUnknownRank || !input.TryType("dtype", out DataType type))
                return null;
            TensorShape shape = TensorShape.Of([.. declared.Dimensions.Select(dimension => dimension < 0 ? UnknownSize : dimension)]);
            if (!shape.TryCount(out long count) || count > MostElements || Values(type, (int)count) is not { } bytes)
                return null;
            feeds.Add(input.Name, Tensor.FromContent(type, shape, bytes));
        }
        return feeds;
    }

    /// <summary>Numbers from -1 to 1 for floats, 0 and 1 for integers; null for other types.</summary>
    private static byte[]? Values(DataType type, int count)
    {
        byte[] bytes = new byte[checked(count * type.Size())];
        for (int i = 0; i < count; i++)
        {
            float value = ((i * 37) % 101 / 50f) - 1;
            Span<byte> element = bytes.AsSpan(i * type.Size(), type.Size());
            switch (type)
            {
                case DataType.Float:
                    BitConverter.TryWriteBytes(element, value);
                    break;
                case DataType.Double:
                    BitConverter.TryWriteBytes(element, (double)value);
                    break;
                case DataType.Half:
                    BitConverter.TryWriteBytes(element, (Half)value);
                    break;
                case DataType.Int8 or DataType.UInt8 or DataType.Int16 or DataType.UInt16 or DataType.Int32 or DataType.Int64 or DataType.Bool:
                    element[0] = (byte)(i % 2);
                    break;
                default:
                    return null;
            }
        }
        return bytes;
    }

    private static bool Agree(Tensor expected, Tensor actual)
    {
        if (!expected.Shape.Equals(actual.Shape))
            return false;
        return expected.Type switch
        {
            DataType.Float => AgreeIn(expected.AsSpan<float>().ToArray().Select(value => (double)value), actual.AsSpan<float>().ToArray().Select(value => (double)value)),
            DataType.Double => AgreeIn(expected.AsSpan<double>().ToArray(), actual.AsSpan<double>().ToArray()),
            DataType.Half or DataType.BFloat16 => true,
            DataType.String => expected.Strings.Select(text => Convert.ToHexString(text.Span)).SequenceEqual(actual.Strings.Select(text => Convert.ToHexString(text.Span))),
            _ => expected.Bytes.Span.SequenceEqual(actual.Bytes.Span),
        };
    }

    private static bool AgreeIn(IEnumerable<double> expected, IEnumerable<double> actual) => expected.Zip(actual).All(pair =>
        pair.First.Equals(pair.Second) || (double.IsNaN(pair.First) && double.IsNaN(pair.Second)) || Math.Abs(pair.First - pair.Second) <= Tolerance * Math.Max(1, Math.Abs(pair.First)));
}
