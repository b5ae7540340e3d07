using TransformFramework.Cpu;
using TransformFramework.Execution;
using TransformFramework.Graphs;
using TransformFramework.ModelFiles;
using TransformFramework.Toolkit.ModelFiles;

namespace TransformFramework.TfLite;

/// <summary>Reads models and runs them.</summary>
internal static class ModelRun
{
    public static ModelContent Read(string path)
    {
        FileSystemSource source = FileSystemSource.Open(path, CancellationToken.None);
        return new TfLiteFormat().Read(source, ModelReadOptions.Default, CancellationToken.None);
    }

    /// <summary>Reads a model in memory.</summary>
    public static ModelContent Read(ReadOnlyMemory<byte> bytes) => Reading.GraphReader.Read(Schema.ModelDecoder.Decode(bytes, CancellationToken.None), Operators.OperatorConverters.Read, ModelReadOptions.Default, CancellationToken.None);

    /// <summary>Runs a model's chosen signature.</summary>
    /// <param name="model">The model.</param>
    /// <param name="feeds">Feeds by the graph's tensors.</param>
    /// <returns>The outputs by the graph's tensors.</returns>
    public static Dictionary<string, Tensor> Run(ModelContent model, IReadOnlyDictionary<string, Tensor> feeds)
    {
        string[] outputs = [.. model.Signature!.Outputs.Select(output => output.Tensor).Distinct()];
        IExecutable executable = new CpuBackend().Compile(model.Graph, outputs, new CompileOptions { Threads = 1 });
        return outputs.Zip(executable.Run(feeds)).ToDictionary(entry => entry.First, entry => entry.Second, StringComparer.Ordinal);
    }
}
