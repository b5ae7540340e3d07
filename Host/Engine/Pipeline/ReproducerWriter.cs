using TransformFramework.Dsl.Syntax;
using TransformFramework.Engine.Models;

namespace TransformFramework.Engine.Pipeline;

/// <summary>Keeps what is needed to see a failure again: the graph before the failing step, the rest of the script, the command.</summary>
public static class ReproducerWriter
{
    /// <summary>Writes <c>before.pb</c>, <c>rest.gtt</c> and <c>command.txt</c> into the folder.</summary>
    /// <exception cref="ModelFiles.ModelFormatException">The graph cannot be written.</exception>
    public static void Write(string folder, StepFailure failure, Script script, PipelineOptions options, CancellationToken cancellation)
    {
        Directory.CreateDirectory(folder);
        ModelFile.Save(failure.Before, Path.Combine(folder, "before.pb"), asText: false, cancellation);
        File.WriteAllText(Path.Combine(folder, "rest.gtt"), ScriptFormatter.Format(new Script(script.Calls[failure.Step..])));
        string verbatim = options.Mode == Transforms.TransformMode.Verbatim ? " --verbatim" : "";
        string command = $"transform_graph --in_graph=before.pb --out_graph=after.pb --inputs={Quoted(options.InputNames)} --outputs={Quoted(options.OutputNames)} --transforms_file=rest.gtt{verbatim}";
        File.WriteAllText(Path.Combine(folder, "command.txt"), command + "\n");
    }

    private static string Quoted(IEnumerable<string> names) => $"'{string.Join(',', names).Replace("'", "'\\''", StringComparison.Ordinal)}'";
}
