using TransformFramework.Benchmarks.Cliffs;
using TransformFramework.Benchmarks.Networks;
using TransformFramework.Benchmarks.Photographs;

namespace TransformFramework.Benchmarks;

internal static class Program
{
    /// <summary>Argument with which this program does nothing: the price of starting .NET.</summary>
    public const string Nothing = "nothing";

    private static int Main(string[] arguments)
    {
        try
        {
            return arguments is [Nothing] ? 0 : Run(arguments);
        }
        catch (FileNotFoundException error)
        {
            return Refuse(error.Message);
        }
    }

    private static int Run(string[] arguments)
    {
        switch (arguments)
        {
            case ["scale", .. var rest]:
                return new ScaleReport(rest is [var program] ? program : Places.PublishedProgram(), Console.Out).Run();
            case ["saved_model", var folder]:
                LargeSavedModel.Write(folder);
                return 0;
            case ["networks", .. var rest]:
                return NetworksOptions.TryParse(rest, out var options, out string error) ? NetworksReport.Run(options) : Refuse(error);
            case ["layers", .. var rest]:
                return NetworksOptions.TryParse(rest, out var layers, out string mistake) ? LayersReport.Run(layers) : Refuse(mistake);
            case ["start", .. var rest]:
                return NetworksOptions.TryParse(rest, out var starts, out string fault) ? StartReport.Run(starts) : Refuse(fault);
            case ["crops", var photographs, var target]:
                return PhotographCrops.Run(photographs, target);
            case ["cliffs"]:
                CliffsReport.Run();
                return 0;
            case [EngineProcess.Command, .. var rest]:
                return EngineProcess.Run(rest);
            default:
                return Refuse("""
                    scale [PROGRAM]   ratios of a published transform_graph to copying files and to an empty program
                    saved_model FOLDER   writes the SavedModel of 400 MB that scale measures
                    crops PHOTOGRAPHS FOLDER   crops of photographs to calibrate and to judge quantization by
                    networks [--format=text|markdown|json] [--runs=N] [--keep=FOLDER] [--only=NETWORK,…] [--kinds=KIND,…] [--clock=wall|cpu]   our speed, load time and memory against ONNX Runtime's; load times count where this program is published
                    layers [--only=NETWORK,…] [--kinds=KIND,…] [--keep=FOLDER]   time of each layer of our runs, and its share of the processor's peak
                    start [--only=NETWORK,…] [--kinds=KIND,…] [--runs=N] [--keep=FOLDER]   time from a file to the first result and peak memory, ours and ONNX Runtime's by turns, each start a process; where this program is published
                    cliffs   ratios of graphs to the sum of their parts, where a small change might make them far slower
                    """);
        }
    }

    private static int Refuse(string message)
    {
        Console.Error.WriteLine(message);
        return 2;
    }
}
