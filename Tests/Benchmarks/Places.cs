using System.Runtime.InteropServices;

namespace TransformFramework.Benchmarks;

/// <summary>Files beside or above this program.</summary>
internal static class Places
{
    /// <summary>What <c>dotnet publish Host/Cli -c Release</c> makes.</summary>
    public static string PublishedProgram() => Above($"Host/Cli/bin/Release/net10.0/{RuntimeInformation.RuntimeIdentifier}/publish/transform_graph")
        ?? throw new FileNotFoundException("no published program; run 'dotnet publish Host/Cli -c Release' first, or name the program");

    /// <summary>The graph of ResNet v1 50 without weights.</summary>
    public static string Skeleton() => Above("examples/03-resnet50-int8/skeleton.pb")
        ?? throw new FileNotFoundException("no examples/03-resnet50-int8/skeleton.pb in a folder above this program");

    /// <summary>The script that makes it an 8-bit graph.</summary>
    public static string MainJob() => Above("examples/03-resnet50-int8/int8.gtt")
        ?? throw new FileNotFoundException("no examples/03-resnet50-int8/int8.gtt in a folder above this program");

    /// <summary>The digit classifier of the first example.</summary>
    public static string Digits() => Above("examples/01-digits/digits_cnn.pb")
        ?? throw new FileNotFoundException("no examples/01-digits/digits_cnn.pb in a folder above this program");

    /// <summary>A network as ONNX Runtime's own static quantizer writes it; null where the opponents are not at hand.</summary>
    public static string? OnnxInt8(string network) => Above($"shared/bench/{network.Replace("resnet50_v1", "resnet_v1_50", StringComparison.Ordinal)}_ort_int8.onnx");

    /// <summary>A file of models by other programs; null where they are not at hand.</summary>
    public static string? OnnxOracle(string file) => Above($"shared/oracle-onnx/{file}");

    private static string? Above(string path)
    {
        for (DirectoryInfo? folder = new(AppContext.BaseDirectory); folder is not null; folder = folder.Parent)
        {
            string candidate = Path.Combine(folder.FullName, path);
            if (File.Exists(candidate))
                return candidate;
        }
        return null;
    }
}
