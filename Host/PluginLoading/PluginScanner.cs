using System.Collections.Immutable;
using System.Reflection;
using System.Reflection.Metadata;
using System.Reflection.PortableExecutable;
using TransformFramework.Diagnostics;
using TransformFramework.Execution;
using TransformFramework.Host.Pipeline;
using TransformFramework.ModelFiles;
using TransformFramework.Transforms;

namespace TransformFramework.Host.PluginLoading;

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
                return Rejected(name, path, isFirstParty, "TFX3001", "it is not a .NET assembly", "A plugin is a class library for .NET 10.");
            return Scan(file.GetMetadataReader(), name, path, isFirstParty);
        }
        catch (BadImageFormatException)
        {
            return Rejected(name, path, isFirstParty, "TFX3001", "it is not a .NET assembly", "A plugin is a class library for .NET 10.");
        }
        catch (Exception error) when (error is IOException or UnauthorizedAccessException)
        {
            return Rejected(name, path, isFirstParty, "TFX3002", $"it cannot be read: {error.Message}", null);
        }
    }

    public static PluginDescription Rejected(string name, string path, bool isFirstParty, string id, string reason, string? suggestion) =>
        new(name, path, "", isFirstParty) { Diagnostics = [Diagnostic.Error(id, $"plugin '{name}' ({path}) is rejected: {reason}") with { Suggestion = suggestion }] };

    private static PluginDescription Scan(MetadataReader metadata, string name, string path, bool isFirstParty)
    {
        if (!metadata.IsAssembly)
            return Rejected(name, path, isFirstParty, "TFX3001", "it is not a .NET assembly", null);
        AssemblyDefinition assembly = metadata.GetAssemblyDefinition();
        var plugin = new PluginDescription(name, path, assembly.Version.ToString(), isFirstParty);
        var api = Attributes(metadata, assembly.GetCustomAttributes()).FirstOrDefault(attribute => attribute.Type == typeof(TransformApiAttribute).FullName);
        if (api.Type is null)
            return Reject(plugin, "TFX3003", "it does not say which contract it was written for", "Add [assembly: TransformApi(1, 0)] to it.");
        int major = Convert.ToInt32(api.Value.FixedArguments[0].Value, System.Globalization.CultureInfo.InvariantCulture);
        int minor = Convert.ToInt32(api.Value.FixedArguments[1].Value, System.Globalization.CultureInfo.InvariantCulture);
        if (major != TransformApi.Major)
            return Reject(plugin, "TFX3004", $"it was written for version {major}.{minor} of the contract, this program has {TransformApi.Major}.{TransformApi.Minor}", "Get a build of the plugin for this version.");
        if (minor > TransformApi.Minor)
            return Reject(plugin, "TFX3005", $"it was written for the newer version {major}.{minor} of the contract, this program has {TransformApi.Major}.{TransformApi.Minor}", "Update the program, or build the plugin against the older contract.");
        return WithOffers(metadata, plugin);
    }

    private static PluginDescription WithOffers(MetadataReader metadata, PluginDescription plugin)
    {
        var transforms = ImmutableArray.CreateBuilder<TransformDescription>();
        var offers = ImmutableArray.CreateBuilder<OfferedType>();
        foreach (TypeDefinitionHandle handle in metadata.TypeDefinitions)
        {
            TypeDefinition type = metadata.GetTypeDefinition(handle);
            if (type.GetCustomAttributes().Count == 0)
                continue;
            string typeName = $"{metadata.GetString(type.Namespace)}.{metadata.GetString(type.Name)}".TrimStart('.');
            foreach (var (attribute, value) in Attributes(metadata, type.GetCustomAttributes()))
            {
                if (attribute == typeof(TransformAttribute).FullName)
                    transforms.Add(Transform(value, plugin.Name, typeName));
                else if (attribute == typeof(KernelAttribute).FullName)
                    offers.AddRange(Strings(value.FixedArguments[0]).Select(op => new OfferedType("kernel", op, typeName)));
                else if (attribute == typeof(BackendAttribute).FullName)
                    offers.Add(new("backend", (string)value.FixedArguments[0].Value!, typeName));
                else if (attribute == typeof(ModelFormatAttribute).FullName)
                    offers.Add(new("format", (string)value.FixedArguments[0].Value!, typeName));
            }
        }
        if (transforms.Count + offers.Count == 0)
            return Reject(plugin, "TFX3006", "it offers no transform, kernel, backend or model format", "Mark a public class with [Transform(\"name\")].");
        return plugin with { Transforms = transforms.ToImmutable(), Offers = offers.ToImmutable() };
    }

    private static TransformDescription Transform(CustomAttributeValue<string> value, string plugin, string typeName)
    {
        var named = value.NamedArguments.ToDictionary(argument => argument.Name!, argument => argument.Value, StringComparer.Ordinal);
        ImmutableArray<string> aliases = value.NamedArguments.FirstOrDefault(argument => argument.Name == nameof(TransformAttribute.Aliases)).Value is ImmutableArray<CustomAttributeTypedArgument<string>> items
            ? [.. items.Select(item => (string)item.Value!)]
            : [];
        return new(
            (string)value.FixedArguments[0].Value!,
            named.GetValueOrDefault(nameof(TransformAttribute.Summary)) as string ?? "",
            aliases,
            named.GetValueOrDefault(nameof(TransformAttribute.IsClassic)) is true,
            named.GetValueOrDefault(nameof(TransformAttribute.NeedsBackend)) is true,
            plugin,
            typeName);
    }

    private static IEnumerable<string> Strings(CustomAttributeTypedArgument<string> argument) =>
        argument.Value is ImmutableArray<CustomAttributeTypedArgument<string>> items ? items.Select(item => (string)item.Value!) : [];

    private static IEnumerable<(string Type, CustomAttributeValue<string> Value)> Attributes(MetadataReader metadata, CustomAttributeHandleCollection handles)
    {
        foreach (CustomAttributeHandle handle in handles)
        {
            CustomAttribute attribute = metadata.GetCustomAttribute(handle);
            if (AttributeType(metadata, attribute) is { } type && type.StartsWith("TransformFramework.", StringComparison.Ordinal))
                yield return (type, attribute.DecodeValue(new AttributeTypes()));
        }
    }

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

    private static PluginDescription Reject(PluginDescription plugin, string id, string reason, string? suggestion) =>
        plugin with { Diagnostics = [Diagnostic.Error(id, $"plugin '{plugin.Name}' ({plugin.Path}) is rejected: {reason}") with { Suggestion = suggestion }] };

    /// <summary>Names of the types that attribute arguments have.</summary>
    private sealed class AttributeTypes : ICustomAttributeTypeProvider<string>
    {
        public string GetPrimitiveType(PrimitiveTypeCode typeCode) => typeCode.ToString();

        public string GetSystemType() => "System.Type";

        public string GetSZArrayType(string elementType) => elementType + "[]";

        public string GetTypeFromDefinition(MetadataReader reader, TypeDefinitionHandle handle, byte rawTypeKind) => reader.GetString(reader.GetTypeDefinition(handle).Name);

        public string GetTypeFromReference(MetadataReader reader, TypeReferenceHandle handle, byte rawTypeKind) => reader.GetString(reader.GetTypeReference(handle).Name);

        public string GetTypeFromSerializedName(string name) => name;

        public PrimitiveTypeCode GetUnderlyingEnumType(string type) => PrimitiveTypeCode.Int32;

        public bool IsSystemType(string type) => type == "System.Type";
    }
}
