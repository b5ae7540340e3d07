using TransformFramework.Cpu;
using TransformFramework.Execution;
using TransformFramework.Graphs;
using TransformFramework.ModelFiles;
using TransformFramework.Toolkit.ModelFiles;

namespace TransformFramework.Onnx.Conformance;

/// <summary>One run of a model: feeds and expected outputs by public name.</summary>
internal sealed record ConformanceFeed(IReadOnlyDictionary<string, Tensor> Feeds, IReadOnlyDictionary<string, Tensor> Outputs);

/// <summary>A model with what another runtime computes of it.</summary>
/// <param name="Name">Name in the manifest.</param>
/// <param name="Model">Path of the file.</param>
/// <param name="Tolerance">Largest difference as part of an output's largest magnitude.</param>
/// <param name="Runs">Reads the feeds; with an empty name feeds and outputs are in the model's order.</param>
internal sealed record ConformanceCase(string Name, string Model, double Tolerance, Func<ModelSignature, IEnumerable<ConformanceFeed>> Runs)
{
    public static ModelContent Read(string path)
    {
        using FileSystemSource source = FileSystemSource.Open(path, CancellationToken.None);
        var format = new OnnxFormat();
        if (!format.Recognizes(source))
            throw new ModelFormatException($"{path}: is not recognized") { DiagnosticId = "" };
        return Detached(format.Read(source, ModelReadOptions.Default, CancellationToken.None));
    }

    /// <summary>What the case comes to.</summary>
    public Verdict Judge()
    {
        try
        {
            return Compare() is { } difference ? new(Name, "pending", null, difference) : new(Name, "equal", null, null);
        }
        catch (ModelFormatException error)
        {
            return new(Name, "refuse", error.DiagnosticId, error.Message.Replace(Model + ": ", "", StringComparison.Ordinal));
        }
        catch (ExecutionException error)
        {
            return new(Name, "pending", null, $"run: {error.Message}");
        }
        catch (Exception error) when (error is not OutOfMemoryException)
        {
            return new(Name, "crash", null, error.ToString());
        }
    }

    private string? Compare()
    {
        ModelContent content = Read(Model);
        ModelSignature signature = content.Signature!;
        string[] tensors = [.. signature.Outputs.Select(output => output.Tensor).Distinct(StringComparer.Ordinal)];
        IExecutable executable = new CpuBackend().Compile(content.Graph, tensors, new CompileOptions { Threads = 1 });
        foreach (ConformanceFeed run in Runs(signature))
        {
            var feeds = signature.Inputs.ToDictionary(input => input.Tensor, input => Typed(run.Feeds[input.Name], input.Type));
            var results = tensors.Zip(executable.Run(feeds)).ToDictionary(pair => pair.First, pair => pair.Second);
            foreach (SignatureTensor output in signature.Outputs)
            {
                if (run.Outputs.TryGetValue(output.Name, out Tensor? wanted) && Difference(wanted, results[output.Tensor]) is { } difference)
                    return $"{output.Name}: {difference}";
            }
        }
        return null;
    }

    /// <summary>Files of brain floats hold them as 16-bit integers.</summary>
    private static Tensor Typed(Tensor tensor, DataType type) => tensor.Type == DataType.UInt16 && type == DataType.BFloat16 ? Tensor.FromContent(type, tensor.Shape, tensor.Bytes) : tensor;

    private string? Difference(Tensor wanted, Tensor found)
    {
        wanted = Typed(wanted, found.Type);
        if (!wanted.Shape.Dimensions.SequenceEqual(found.Shape.Dimensions) || wanted.Type != found.Type)
            return $"{found} for {wanted}";
        if (wanted.Type is DataType.Double)
            return Difference(wanted.AsSpan<double>().ToArray(), found.AsSpan<double>().ToArray(), isReal: true);
        bool isReal = wanted.Type is DataType.Float or DataType.Half or DataType.BFloat16;
        return isReal
            ? Difference([.. wanted.ToSingles().Select(value => (double)value)], [.. found.ToSingles().Select(value => (double)value)], isReal)
            : Difference([.. Inference.Tensors.ToLongs(wanted).Select(value => (double)value)], [.. Inference.Tensors.ToLongs(found).Select(value => (double)value)], isReal);
    }

    private string? Difference(double[] wanted, double[] found, bool isReal)
    {
        double largest = wanted.Where(double.IsFinite).Select(Math.Abs).DefaultIfEmpty(1).Max();
        double limit = isReal ? Tolerance * Math.Max(largest, 1e-30) : Tolerance > 0 ? 1 : 0;
        for (int i = 0; i < wanted.Length; i++)
        {
            bool isSame = wanted[i].Equals(found[i]) || Math.Abs(wanted[i] - found[i]) <= limit;
            if (!isSame)
                return FormattableString.Invariant($"element {i} is {found[i]:g6} for {wanted[i]:g6}");
        }
        return null;
    }

    /// <summary>The model with its constants copied, as the files that they may be views of are closed.</summary>
    private static ModelContent Detached(ModelContent content) => content with
    {
        Graph = content.Graph.Select(node => node.TensorAttribute("value") is { Type: not DataType.String } tensor ? node.With("value", Tensor.FromContent(tensor.Type, tensor.Shape, tensor.Bytes.ToArray())) : node),
    };
}

/// <summary>A line of a manifest.</summary>
internal sealed record Verdict(string Case, string Expect, string? Diagnostic, string? Reason);
