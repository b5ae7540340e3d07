using System.CommandLine;
using System.Globalization;
using TransformFramework.Cli.CommandLineParsing;
using TransformFramework.Cli.Rendering;
using TransformFramework.Engine.Models;
using TransformFramework.Execution;
using TransformFramework.Workflows.Benchmarking;
using TransformFramework.Workflows.Data;
using TransformFramework.Workflows.Inspection;
using TransformFramework.Workflows.Reports;

namespace TransformFramework.Cli.Commands;

/// <summary>The original's benchmark_model: its flags, its order of runs, its tables.</summary>
internal static class BenchmarkModelCommand
{
    private static readonly ModelArguments Choices = new();
    private static readonly Option<string> GraphFile = Text("--graph", "FILE", "Graph file to run");
    private static readonly Option<string> InputLayer = Text("--input_layer", "NAMES", "Inputs; input:0 without it");
    private static readonly Option<string> InputLayerShape = Text("--input_layer_shape", "SHAPES", "Their shapes, a colon between two; 1,224,224,3 without it");
    private static readonly Option<string> InputLayerType = Text("--input_layer_type", "TYPES", "Their types; float without it");
    private static readonly Option<string> InputLayerValues = Text("--input_layer_values", "VALUES", "Their values, a colon between two tensors; zeros without it");
    private static readonly Option<string> OutputLayer = Text("--output_layer", "NAMES", "Outputs; output:0 without it");
    private static readonly Option<string> TargetLayer = Text("--target_layer", "NAMES", "Nodes to run besides");
    private static readonly Option<string> MaxNumRuns = Text("--max_num_runs", "N", "Most runs of a series; 1000 without it");
    private static readonly Option<string> NumRuns = Text("--num_runs", "N", "Runs of both series together, as older releases had it");
    private static readonly Option<string> MaxTime = Text("--max_time", "SECONDS", "Time after which a series ends; 10.0 without it");
    private static readonly Option<string> InferenceDelay = Text("--inference_delay", "SECONDS", "Pause between two runs");
    private static readonly Option<string> RunDelay = Text("--run_delay", "SECONDS", "The same, as older releases had it");
    private static readonly Option<string> InterBenchmarkDelay = Text("--inter_benchmark_delay", "SECONDS", "Pause between two series");
    private static readonly Option<string> NumThreads = Text("--num_threads", "N", "Threads of a run; -1, one per processor, without it");
    private static readonly Option<string> BenchmarkName = Text("--benchmark_name", "NAME", "Name of the result entry");
    private static readonly Option<string> OutputPrefix = Text("--output_prefix", "PREFIX", "Where the result entry is written; not without a name");
    private static readonly Option<string> WarmupRuns = Text("--warmup_runs", "N", "Runs before the timed ones");
    private static readonly Option<string> ShowSizes = Switch("--show_sizes", "Shapes of all nodes; false without it");
    private static readonly Option<string> ShowRunOrder = Switch("--show_run_order", "Nodes in run order; true without it");
    private static readonly Option<string> RunOrderLimit = Text("--run_order_limit", "N", "Rows of that table; 0, all, without it");
    private static readonly Option<string> ShowTime = Switch("--show_time", "The slowest nodes; true without it");
    private static readonly Option<string> TimeLimit = Text("--time_limit", "N", "Rows of that table; 10 without it");
    private static readonly Option<string> ShowMemory = Switch("--show_memory", "The nodes with the largest outputs; true without it");
    private static readonly Option<string> MemoryLimit = Text("--memory_limit", "N", "Rows of that table; 10 without it");
    private static readonly Option<string> ShowType = Switch("--show_type", "Sums by type of node; true without it");
    private static readonly Option<string> ShowSummary = Switch("--show_summary", "Times and memory; true without it");
    private static readonly Option<string> ShowFlops = Switch("--show_flops", "Operations of Conv2D and MatMul; false without it");

    public static Command Create(CancellationToken cancellation)
    {
        var command = new Command("benchmark_model", "Measures a graph as the original's benchmark_model, with its flags")
        {
            GraphFile, InputLayer, InputLayerShape, InputLayerType, InputLayerValues, OutputLayer, TargetLayer, MaxNumRuns, NumRuns, MaxTime, InferenceDelay, RunDelay, InterBenchmarkDelay, NumThreads,
            BenchmarkName, OutputPrefix, WarmupRuns, ShowSizes, ShowRunOrder, RunOrderLimit, ShowTime, TimeLimit, ShowMemory, MemoryLimit, ShowType, ShowSummary, ShowFlops,
        };
        Choices.AddChoicesTo(command);
        command.SetAction(parsed => Run(new(parsed, cancellation)));
        return command;
    }

    private static int Run(CommandContext context)
    {
        string path = context.RequiredPath(GraphFile);
        var feeds = LayerInputs.Read(context.Value(InputLayer) ?? "input:0", context.Value(InputLayerShape) ?? "1,224,224,3", context.Value(InputLayerType) ?? "float", context.Value(InputLayerValues) ?? "");
        long runs = context.Value(NumRuns) is null ? context.Integer(MaxNumRuns, otherwise: 1000, least: 1, most: int.MaxValue) : (context.Integer(NumRuns, otherwise: 0, least: 1, most: int.MaxValue) + 1) / 2;
        int warmup = (int)Math.Max(1, context.Integer(WarmupRuns, otherwise: 1, least: 0, most: int.MaxValue));
        int threads = (int)context.Integer(NumThreads, otherwise: -1, least: -1, most: 1024);
        TimeSpan pause = Seconds(context, InferenceDelay, Seconds(context, RunDelay, TimeSpan.Zero));
        var series = new RunSeries((int)runs, Seconds(context, MaxTime, TimeSpan.FromSeconds(10)), pause);
        var limits = (RunOrder: Limit(context, RunOrderLimit, 0), Time: Limit(context, TimeLimit, 10), Memory: Limit(context, MemoryLimit, 10));
        IBackend backend = context.Backend;
        using LoadedModel model = Choices.OpenPath(context, path);
        string[] outputs = GraphOutputs.Resolve(model.Endpoints, string.Join(',', context.Value(OutputLayer) ?? "output:0", context.Value(TargetLayer) ?? ""), option: "output_layer").Tensors();
        if (feeds.Keys.FirstOrDefault(name => model.Endpoints.FindInput(name) is null) is { } unknown)
            throw GraphOutputs.NotFound(model.Endpoints, unknown, "input_layer");
        var graph = new BenchmarkedGraph(model.Graph, backend, outputs, feeds, Math.Max(threads, 0));
        var benchmark = new Benchmark(new(warmup, TimeSpan.MaxValue, pause), series, series) { Pause = Seconds(context, InterBenchmarkDelay, TimeSpan.Zero) };
        GraphMeasurement measured = benchmark.Run([(path, model.FileBytes, graph)], context.Cancellation)[0];
        if (context.Value(BenchmarkName) is { Length: > 0 } name && context.Value(OutputPrefix) is { Length: > 0 } prefix)
            BenchmarkEntries.Write(prefix, name, measured);
        if (context.IsJson)
            Console.Out.WriteLine(RunReport.Serialize(new BenchmarkReport([measured], backend.InstructionSet, threads > 0 ? threads : Environment.ProcessorCount).ToReport()));
        else
            Print(context, measured, limits);
        return ExitCodes.Done;
    }

    private static void Print(CommandContext context, GraphMeasurement measured, (int RunOrder, int Time, int Memory) limits)
    {
        TextWriter output = Console.Out;
        var tables = new StatTables(measured.Graph.Steps);
        output.WriteLine(string.Create(CultureInfo.InvariantCulture,
            $"Average inference timings in us: Warmup: {measured.Warmup.Mean * 1000:F0}, no stats: {measured.Times.Mean * 1000:F0}, with stats: {measured.Recorded.Mean * 1000:F0}"));
        if (IsOn(context, ShowSizes, otherwise: false))
            output.Write(tables.Sizes(measured.Graph.Shapes()));
        if (IsOn(context, ShowRunOrder, otherwise: true))
            output.Write(tables.InRunOrder(limits.RunOrder));
        if (IsOn(context, ShowTime, otherwise: true))
            output.Write(tables.ByTime(limits.Time));
        if (IsOn(context, ShowMemory, otherwise: true))
            output.Write(tables.ByMemory(limits.Memory));
        if (IsOn(context, ShowType, otherwise: true))
            output.Write(tables.ByType(measured.ByType()));
        if (IsOn(context, ShowSummary, otherwise: true))
            output.WriteLine(tables.Summary());
        if (!IsOn(context, ShowFlops, otherwise: false))
            return;
        long flops = FlopCount.Of(measured.Graph, onlyOriginal: true);
        output.WriteLine($"FLOPs estimate: {GraphSummary.Readable(flops)}");
        output.WriteLine($"FLOPs/second: {GraphSummary.Readable((long)(flops * 1000 / measured.Times.Mean))}");
    }

    private static Option<string> Text(string name, string value, string description) => new(name) { HelpName = value, Description = description };

    private static Option<string> Switch(string name, string description) => new(name) { HelpName = "true|false", Description = description, Arity = ArgumentArity.ZeroOrOne };

    private static bool IsOn(CommandContext context, Option<string> option, bool otherwise) => !context.Has(option) ? otherwise : context.Value(option) switch
    {
        null or "true" => true,
        "false" => false,
        string other => throw CommandException.Usage($"Couldn't interpret value ={other} for flag {option.Name[2..]}.", $"Write {option.Name}=true or {option.Name}=false."),
    };

    private static int Limit(CommandContext context, Option<string> option, int otherwise) => (int)context.Integer(option, otherwise, least: 0, most: int.MaxValue);

    /// <summary>Seconds that an option gives; a negative number is none.</summary>
    private static TimeSpan Seconds(CommandContext context, Option<string> option, TimeSpan otherwise)
    {
        if (context.Value(option) is not { } text)
            return otherwise;
        return double.TryParse(text, NumberStyles.Float, CultureInfo.InvariantCulture, out double seconds) && seconds < int.MaxValue
            ? TimeSpan.FromSeconds(Math.Max(seconds, 0))
            : throw CommandException.Usage($"{option.Name} is a number of seconds, not '{text}'");
    }
}
