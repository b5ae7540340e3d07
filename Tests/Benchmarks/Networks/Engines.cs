using System.Collections.Immutable;
using Microsoft.ML.OnnxRuntime;
using TransformFramework.Engine.Models;
using TransformFramework.Engine.PluginLoading;
using TransformFramework.Execution;
using TransformFramework.Graphs;
using TransformFramework.ModelFiles;
using TransformFramework.Workflows.Benchmarking;

namespace TransformFramework.Benchmarks.Networks;

/// <summary>A network loaded by some engine, ready to run on one input.</summary>
internal abstract class Engine : IDisposable
{
    private static readonly Lazy<PluginCatalog> Catalog = new(() => PluginCatalog.Discover([]));

    /// <summary>Runs once.</summary>
    public abstract void Run();

    /// <summary>The result of the last run.</summary>
    public abstract ReadOnlySpan<float> Result { get; }

    public abstract void Dispose();

    /// <summary>The instruction set that our kernels run by.</summary>
    public static string InstructionSet => Catalog.Value.Backend!.InstructionSet;

    /// <summary>This project's backend on a graph file.</summary>
    public static Engine Ours(string file, string input, Tensor value, string output, CompileOptions options) => new OwnEngine(Catalog.Value.Backend!, file, input, value, output, options);

    /// <summary>Opens a model of any format.</summary>
    public static LoadedModel Open(string file) => ModelFile.Open(file, new ModelOpenOptions(), () => Catalog.Value, CancellationToken.None);

    /// <summary>A graph compiled by this project's backend, with the kernels of the benchmark's own ops.</summary>
    public static IExecutable Compile(Graph graph, string output, int threads, bool isDirect = false) =>
        Catalog.Value.Backend!.Compile(graph, [output], new CompileOptions { Threads = threads, DirectConvolution = isDirect, Kernels = ImmutableDictionary<string, IKernel>.Empty.Add(Cliffs.Mixtures.PluginOp, new Cliffs.Mixtures.Copy()).Add(Cliffs.Mixtures.UndeclaredOp, new Cliffs.Mixtures.Copy()) });

    /// <summary>ONNX Runtime on an ONNX file.</summary>
    public static Engine Onnx(string file, Tensor value, int threads) => new OnnxEngine(file, value, threads);

    /// <summary>Multiplications and additions of a run.</summary>
    public static long Operations(Network network)
    {
        var feeds = new Dictionary<string, Tensor>(StringComparer.Ordinal) { [network.Input] = network.Noise() };
        return FlopCount.Of(new BenchmarkedGraph(network.Graph, Catalog.Value.Backend!, [network.Output], feeds, threads: 1), onlyOriginal: false);
    }

    /// <summary>Writes the ONNX file of a graph.</summary>
    public static void Export(Graph graph, string input, string output, string file)
    {
        var target = new ModelOutput(file, OutputFormat.Choose(file, "onnx", () => Catalog.Value), () => Catalog.Value);
        target.Write(new ModelContent(graph), new() { Inputs = [input], Outputs = [output] }, CancellationToken.None);
    }

    private sealed class OwnEngine : Engine
    {
        private readonly LoadedModel model;
        private readonly IExecutable executable;
        private readonly Dictionary<string, Tensor> feeds;
        private readonly Memory<byte>[] outputs;

        public OwnEngine(IBackend backend, string file, string input, Tensor value, string output, CompileOptions options)
        {
            model = Open(file);
            executable = backend.Compile(model.Graph, [output], options);
            feeds = new(StringComparer.Ordinal) { [input] = value };
            outputs = [executable.Run(feeds)[0].Bytes.ToArray()];
        }

        public override ReadOnlySpan<float> Result => System.Runtime.InteropServices.MemoryMarshal.Cast<byte, float>(outputs[0].Span);

        public override void Run() => executable.Run(feeds, outputs);

        public override void Dispose() => model.Dispose();
    }

    private sealed class OnnxEngine : Engine
    {
        private readonly SessionOptions options;
        private readonly InferenceSession session;
        private readonly RunOptions run = new();
        private readonly OrtValue value;
        private readonly string[] inputs;
        private readonly string[] outputs;
        private float[] result = [];

        public OnnxEngine(string file, Tensor value, int threads)
        {
            options = new SessionOptions { IntraOpNumThreads = threads, InterOpNumThreads = 1, GraphOptimizationLevel = GraphOptimizationLevel.ORT_ENABLE_ALL, LogSeverityLevel = OrtLoggingLevel.ORT_LOGGING_LEVEL_ERROR };
            options.AddSessionConfigEntry("session.force_spinning_stop", "1");
            session = new(file, options);
            inputs = [.. session.InputNames];
            this.value = OrtValue.CreateTensorValueFromMemory(value.AsSpan<float>().ToArray(), Dimensions(value));
            outputs = [.. session.OutputNames];
            Run();
        }

        public override ReadOnlySpan<float> Result => result;

        public override void Run()
        {
            using IDisposableReadOnlyCollection<OrtValue> results = session.Run(run, inputs, [value], outputs);
            if (result.Length == 0)
                result = results[0].GetTensorDataAsSpan<float>().ToArray();
        }

        /// <summary>The dimensions in the file's order: images may have their channels first. Noise is noise in either order.</summary>
        private long[] Dimensions(Tensor given)
        {
            long[] dimensions = [.. given.Shape.Dimensions];
            int[] expected = session.InputMetadata[inputs[0]].Dimensions;
            return dimensions is [var batch, var height, var width, var channels] && expected is [_, var first, _, _] && first == channels && first != height ? [batch, channels, height, width] : dimensions;
        }

        public override void Dispose()
        {
            value.Dispose();
            run.Dispose();
            session.Dispose();
            options.Dispose();
        }
    }
}
