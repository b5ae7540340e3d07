using System.Diagnostics;
using System.Reflection;

namespace TransformFramework.Engine.Tests.Models;

/// <summary>The protobuf compiler from the Google.Protobuf.Tools package.</summary>
internal static class Protoc
{
    private static readonly string Packaged = typeof(Protoc).Assembly.GetCustomAttributes<AssemblyMetadataAttribute>().Single(entry => entry.Key == "Protoc").Value!;
    private static readonly Lazy<string?> Program = new(Prepare);

    public static bool IsAvailable => Program.Value is not null;

    public static byte[] Encode(byte[] text) => Run("--encode=tensorflow.GraphDef", text);

    public static byte[] Decode(byte[] binary) => Run("--decode=tensorflow.GraphDef", binary);

    private static byte[] Run(string action, byte[] input)
    {
        var start = new ProcessStartInfo(Program.Value!, [action, $"--proto_path={AppContext.BaseDirectory}/Models", "graph.proto"])
        {
            UseShellExecute = false,
            RedirectStandardInput = true,
            RedirectStandardOutput = true,
            RedirectStandardError = true,
        };
        using Process process = Process.Start(start)!;
        Task<string> errors = process.StandardError.ReadToEndAsync();
        using var output = new MemoryStream();
        Task copying = process.StandardOutput.BaseStream.CopyToAsync(output);
        process.StandardInput.BaseStream.Write(input);
        process.StandardInput.Close();
        copying.Wait();
        process.WaitForExit();
        return process.ExitCode == 0 ? output.ToArray() : throw new InvalidOperationException(errors.Result);
    }

    /// <summary>A copy that may be executed: packages do not keep the permission.</summary>
    private static string? Prepare()
    {
        if (!File.Exists(Packaged))
            return null;
        string copy = Path.Combine(AppContext.BaseDirectory, Path.GetFileName(Packaged));
        File.Copy(Packaged, copy, overwrite: true);
        if (!OperatingSystem.IsWindows())
            File.SetUnixFileMode(copy, UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute);
        return copy;
    }
}
