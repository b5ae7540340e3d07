using TransformFramework.Diagnostics;
using TransformFramework.Graphs;
using TransformFramework.Toolkit.Ops;

namespace TransformFramework.Engine.PluginLoading;

/// <summary>Makes the ops that plugins declare known to the process: an op of TensorFlow wins over a declared one, and of two different declarations the first.</summary>
internal static class PluginOps
{
    public static void Declare(IEnumerable<PluginDescription> plugins, List<Diagnostic> diagnostics)
    {
        foreach (PluginDescription plugin in plugins.Where(plugin => plugin.IsAccepted))
        {
            foreach (string declaration in plugin.Ops)
                Declare(plugin, declaration, diagnostics);
        }
    }

    private static void Declare(PluginDescription plugin, string declaration, List<Diagnostic> diagnostics)
    {
        OpDefinition op;
        try
        {
            op = OpTable.Parse(declaration);
        }
        catch (FormatException error)
        {
            diagnostics.Add(Ignored(plugin, EngineDiagnostics.BadOpDeclaration, $"the declaration of an op is not understood: {error.Message}", "Its grammar is that of OpAttribute: [Op(\"Twice(x: T) -> (y: T) {T: type {float}}\")]."));
            return;
        }
        bool isOfTensorFlow = OpTable.Find(op.Name) is not null && DeclaredOps.Find(op.Name) is null;
        if (isOfTensorFlow)
            diagnostics.Add(Ignored(plugin, EngineDiagnostics.OpOfTensorFlow, $"it declares the op '{op.Name}', which TensorFlow has", "Give the op a name of its own."));
        else if (!DeclaredOps.TryAdd(op.Name, declaration))
            diagnostics.Add(Ignored(plugin, EngineDiagnostics.OpDeclaredTwice, $"it declares the op '{op.Name}' otherwise than another plugin: {DeclaredOps.Find(op.Name)}", "Use one of the two plugins, or make their declarations equal."));
    }

    private static Diagnostic Ignored(PluginDescription plugin, DiagnosticDescriptor kind, string why, string suggestion) =>
        kind.With(plugin.Name, plugin.Path, why) with { Suggestion = suggestion };
}
