using System.Globalization;
using TransformFramework.Cpu;
using TransformFramework.Execution;
using TransformFramework.Graphs;
using TransformFramework.ModelFiles;

namespace TransformFramework.Keras.Tests;

/// <summary>Runs models and compares their outputs.</summary>
internal static class ModelComparison
{
    /// <summary>
    /// Runs a model on the inputs <c>in.NAME</c> and compares with <c>out.0</c>, <c>out.1</c>, …; null when all is equal. A single input may have another name: Keras does not always write the one that the program used.
    /// </summary>
    public static string? Compare(ModelContent content, IReadOnlyDictionary<string, Tensor> values, IReadOnlyList<string> inputs, double tolerance)
    {
        ModelSignature signature = content.Signature!;
        string[] given = [.. values.Keys.Where(name => name.StartsWith("in.", StringComparison.Ordinal)).Select(name => name[3..])];
        if (inputs.Count > 1 && !inputs.SequenceEqual(signature.Inputs.Select(input => input.Name)))
            return $"inputs are {string.Join(", ", signature.Inputs.Select(input => input.Name))}, wants {string.Join(", ", inputs)}";
        var feeds = signature.Inputs.ToDictionary(input => input.Tensor, input => values["in." + (given.Length == 1 ? given[0] : input.Name)], StringComparer.Ordinal);
        string[] expected = [.. values.Keys.Where(name => name.StartsWith("out.", StringComparison.Ordinal)).OrderBy(name => int.Parse(name.AsSpan(4), CultureInfo.InvariantCulture))];
        if (expected.Length != signature.Outputs.Length)
            return $"{signature.Outputs.Length} outputs, wants {expected.Length}";
        IReadOnlyList<Tensor> results;
        try
        {
            IExecutable executable = new CpuBackend().Compile(content.Graph, [.. signature.Outputs.Select(output => output.Tensor)], CompileOptions.Default with { Threads = 1 });
            results = executable.Run(feeds);
        }
        catch (ExecutionException error)
        {
            return error.Message;
        }
        for (int i = 0; i < expected.Length; i++)
        {
            if (Difference(values[expected[i]], results[i], signature.Outputs[i], tolerance) is { } difference)
                return $"{expected[i]}: {difference}";
        }
        return null;
    }

    private static string? Difference(Tensor wanted, Tensor got, SignatureTensor declared, double tolerance)
    {
        if (!wanted.Shape.Dimensions.SequenceEqual(got.Shape.Dimensions))
            return $"shape {got.Shape}, wants {wanted.Shape}";
        if (!Fits(declared.Shape, got.Shape))
            return $"shape {got.Shape}, the signature states {declared.Shape}";
        if (wanted.Type == DataType.String || got.Type == DataType.String)
            return wanted.Type == got.Type && wanted.Strings.Zip(got.Strings).All(pair => pair.First.Span.SequenceEqual(pair.Second.Span)) ? null : "strings differ";
        if (wanted.Type != got.Type && got.Type != DataType.BFloat16)
            return $"type {got.Type.Name()}, wants {wanted.Type.Name()}";
        float[] a = wanted.ToSingles();
        float[] b = got.ToSingles();
        double largest = Math.Max(1, a.Where(value => !float.IsNaN(value)).Select(value => (double)Math.Abs(value)).DefaultIfEmpty(0).Max());
        double worst = 0;
        for (int i = 0; i < a.Length; i++)
        {
            if (a[i].Equals(b[i]))
                continue;
            double distance = Math.Abs((double)a[i] - b[i]);
            worst = double.IsNaN(distance) ? double.PositiveInfinity : Math.Max(worst, distance);
        }
        return worst <= tolerance * largest ? null : string.Create(CultureInfo.InvariantCulture, $"differs by {worst:g3} of {largest:g3}");
    }

    private static bool Fits(TensorShape declared, TensorShape got) =>
        declared.IsUnknownRank || (declared.Rank == got.Rank && declared.Dimensions.Zip(got.Dimensions).All(pair => pair.First < 0 || pair.First == pair.Second));
}
