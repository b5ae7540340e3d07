using System.Collections.Immutable;
using System.Reflection;
using System.Reflection.Metadata;
using System.Reflection.Metadata.Ecma335;
using System.Reflection.PortableExecutable;
using TransformFramework.Diagnostics;
using TransformFramework.Execution;
using TransformFramework.Graphs;
using TransformFramework.ModelFiles;
using TransformFramework.Transforms;

namespace TransformFramework.Engine.PluginLoading;

/// <summary>Reads what an assembly offers from its metadata, without loading it.</summary>
internal static class PluginScanner
{
    /// <summary>Describes a plugin; what is wrong with it is among its diagnostics.</summary>
    public static PluginDescription Scan(string path, bool isFirstParty)
    {
        string name = Path.GetFileNameWithoutExtension(path);
        try
        {
            using FileStream stream = File.OpenRead(path);
            using var file = new PEReader(stream);
            if (!file.HasMetadata)
                return Rejected(name, path, isFirstParty, EngineDiagnostics.NotAnAssembly, "it is not a .NET assembly", "A plugin is a class library for .NET 10.");
            return Scan(file.GetMetadataReader(), name, path, isFirstParty);
        }
        catch (BadImageFormatException)
        {
            return Rejected(name, path, isFirstParty, EngineDiagnostics.NotAnAssembly, "it is not a .NET assembly", "A plugin is a class library for .NET 10.");
        }
        catch (Exception error) when (error is IOException or UnauthorizedAccessException)
        {
            return Rejected(name, path, isFirstParty, EngineDiagnostics.UnreadableAssembly, $"it cannot be read: {error.Message}", null);
        }
    }

    public static PluginDescription Rejected(string name, string path, bool isFirstParty, DiagnosticDescriptor kind, string reason, string? suggestion) =>
        new(name, path, "", isFirstParty) { Diagnostics = [kind.With(name, path, reason) with { Suggestion = suggestion }] };

    private static PluginDescription Scan(MetadataReader metadata, string name, string path, bool isFirstParty)
    {
        if (!metadata.IsAssembly)
            return Rejected(name, path, isFirstParty, EngineDiagnostics.NotAnAssembly, "it is not a .NET assembly", null);
        AssemblyDefinition assembly = metadata.GetAssemblyDefinition();
        var plugin = new PluginDescription(name, path, assembly.Version.ToString(), isFirstParty);
        AttributeBlob? api = null;
        foreach (CustomAttributeHandle handle in assembly.GetCustomAttributes())
        {
            CustomAttribute attribute = metadata.GetCustomAttribute(handle);
            if (AttributeType(metadata, attribute) == typeof(TransformApiAttribute).FullName)
                api = AttributeBlob.Read(metadata, attribute, "ii");
        }
        if (api is null)
            return Reject(plugin, EngineDiagnostics.NoContract, "it does not say which contract it was written for", "Add [assembly: TransformApi(1, 0)] to it.");
        int major = (int)api.Positional[0]!;
        int minor = (int)api.Positional[1]!;
        if (major != TransformApi.Major)
            return Reject(plugin, EngineDiagnostics.OtherContract, $"it was written for version {major}.{minor} of the contract, this program has {TransformApi.Major}.{TransformApi.Minor}", "Get a build of the plugin for this version.");
        if (minor > TransformApi.Minor)
            return Reject(plugin, EngineDiagnostics.NewerContract, $"it was written for the newer version {major}.{minor} of the contract, this program has {TransformApi.Major}.{TransformApi.Minor}", "Update the program, or build the plugin against the older contract.");
        return WithOffers(metadata, plugin);
    }

    private static PluginDescription WithOffers(MetadataReader metadata, PluginDescription plugin)
    {
        var transforms = ImmutableArray.CreateBuilder<TransformDescription>();
        var offers = ImmutableArray.CreateBuilder<OfferedType>();
        var formats = ImmutableArray.CreateBuilder<FormatDescription>();
        var ops = ImmutableArray.CreateBuilder<string>();
        var tokens = new Dictionary<string, int>(StringComparer.Ordinal);
        foreach (TypeDefinitionHandle handle in metadata.TypeDefinitions)
        {
            TypeDefinition type = metadata.GetTypeDefinition(handle);
            foreach (CustomAttributeHandle attributeHandle in type.GetCustomAttributes())
            {
                CustomAttribute attribute = metadata.GetCustomAttribute(attributeHandle);
                string? attributeType = AttributeType(metadata, attribute);
                if (attributeType?.StartsWith("TransformFramework.", StringComparison.Ordinal) != true)
                    continue;
                string typeName = $"{metadata.GetString(type.Namespace)}.{metadata.GetString(type.Name)}".TrimStart('.');
                tokens[typeName] = MetadataTokens.GetToken(handle);
                if (attributeType == typeof(TransformAttribute).FullName)
                    transforms.Add(Transform(AttributeBlob.Read(metadata, attribute, "s"), plugin.Identity, typeName));
                else if (attributeType == typeof(KernelAttribute).FullName)
                    offers.AddRange(((string[])AttributeBlob.Read(metadata, attribute, "a").Positional[0]!).Select(op => new OfferedType("kernel", op, typeName)));
                else if (attributeType == typeof(BackendAttribute).FullName)
                    offers.Add(new("backend", (string)AttributeBlob.Read(metadata, attribute, "s").Positional[0]!, typeName));
                else if (attributeType == typeof(OpAttribute).FullName)
                    ops.Add(AttributeBlob.Read(metadata, attribute, "s").Positional[0] as string ?? "");
                else if (attributeType == typeof(ModelFormatAttribute).FullName)
                    formats.Add(Format(metadata, type, AttributeBlob.Read(metadata, attribute, "sa"), typeName));
            }
        }
        if (transforms.Count + offers.Count + formats.Count == 0)
            return Reject(plugin, EngineDiagnostics.NoOffers, "it offers no transform, kernel, backend or model format", "Mark a public class with [Transform(\"name\")].");
        return plugin with { Transforms = transforms.ToImmutable(), Offers = [.. offers, .. formats.Select(format => new OfferedType("format", format.Name, format.TypeName))], Formats = formats.ToImmutable(), Ops = ops.ToImmutable(), Tokens = tokens, Build = metadata.GetGuid(metadata.GetModuleDefinition().Mvid) };
    }

    private static TransformDescription Transform(AttributeBlob attribute, PluginIdentity plugin, string typeName) => new(
        attribute.Positional[0] as string ?? "",
        attribute.NamedText(nameof(TransformAttribute.Summary)),
        [.. attribute.NamedTexts(nameof(TransformAttribute.Aliases))],
        attribute.NamedFlag(nameof(TransformAttribute.IsClassic)),
        attribute.NamedFlag(nameof(TransformAttribute.NeedsBackend)),
        plugin,
        typeName)
    {
        IsLossy = attribute.NamedFlag(nameof(TransformAttribute.IsLossy)),
    };

    private static FormatDescription Format(MetadataReader metadata, TypeDefinition type, AttributeBlob attribute, string typeName)
    {
        var interfaces = new HashSet<string>(StringComparer.Ordinal);
        foreach (InterfaceImplementationHandle handle in type.GetInterfaceImplementations())
            interfaces.Add(InterfaceName(metadata, metadata.GetInterfaceImplementation(handle).Interface));
        var options = new List<FormatOption>();
        foreach (CustomAttributeHandle handle in type.GetCustomAttributes())
        {
            CustomAttribute candidate = metadata.GetCustomAttribute(handle);
            if (AttributeType(metadata, candidate) == typeof(FormatOptionAttribute).FullName && AttributeBlob.Read(metadata, candidate, "sss").Positional is [string optionName, string values, string summary])
                options.Add(new(optionName, values, summary));
        }
        return new((string)attribute.Positional[0]!, [.. (string[])attribute.Positional[1]!], typeName)
        {
            Reads = interfaces.Contains(nameof(IModelSourceReader)) || interfaces.Contains(nameof(IModelReader)),
            Writes = interfaces.Contains(nameof(IModelSinkWriter)) || interfaces.Contains(nameof(IModelWriter)),
            Options = [.. options],
        };
    }

    private static string InterfaceName(MetadataReader metadata, EntityHandle handle) =>
        handle.Kind == HandleKind.TypeReference ? metadata.GetString(metadata.GetTypeReference((TypeReferenceHandle)handle).Name) : "";

    private static string? AttributeType(MetadataReader metadata, CustomAttribute attribute)
    {
        if (attribute.Constructor.Kind != HandleKind.MemberReference)
            return null;
        EntityHandle parent = metadata.GetMemberReference((MemberReferenceHandle)attribute.Constructor).Parent;
        if (parent.Kind != HandleKind.TypeReference)
            return null;
        TypeReference type = metadata.GetTypeReference((TypeReferenceHandle)parent);
        return $"{metadata.GetString(type.Namespace)}.{metadata.GetString(type.Name)}";
    }

    private static PluginDescription Reject(PluginDescription plugin, DiagnosticDescriptor kind, string reason, string? suggestion) =>
        plugin with { Diagnostics = [kind.With(plugin.Name, plugin.Path, reason) with { Suggestion = suggestion }] };
}
