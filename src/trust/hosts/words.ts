/**
 * One word for each value of a byte, in the order of the alphabet: 256 things that people can picture, no two of them one
 * letter apart and none the beginning of another, so that they survive being read aloud. Changing one changes every
 * fingerprint that somebody has written down.
 */
export const WORDS: readonly string[] = `
acorn actor agent alarm album amber anchor angle apple apron arena armor
arrow atlas attic autumn bacon badge bagel baker bamboo banjo barrel basil
basket beach beard beetle bell berry bicycle bishop blanket bonfire border bottle
bridge bronze bucket butter cabin cactus camel candle canoe canyon captain carpet
carrot castle cavern cedar cellar cement chalk cherry chess chimney cider cinema
circus citrus clay clinic clock cobalt coffee comet copper coral cotton cousin
coyote cradle crayon cricket crystal cupboard curtain daisy dentist desert diamond dinner
doctor dolphin doorbell dragon drum eagle easel echo eclipse elbow elephant emerald
engine envelope falcon farmer feather fiddle finger flamingo flute forest fountain fox
galaxy garden garlic gazelle geyser giraffe glacier goblet gorilla grape guitar hammer
harbor hawk helmet hermit honey hotel hurdle iceberg igloo insect island ivory
jacket jaguar jasmine jelly jigsaw jockey jungle kayak kennel kettle keyboard kitchen
koala ladder ladle lagoon lantern lemon leopard lettuce library lilac lizard lobster
lotus magnet mango maple marble meadow medal melon mirror monkey mosaic mushroom
mustard napkin nectar needle nickel noodle nutmeg oasis ocean octopus olive onion
opera orchid organ otter oyster paddle palace panda parcel pebble pelican pencil
pepper piano pigeon pillow pirate planet plaza polar poppy potato prairie puzzle
pyramid quartz quilt rabbit radar radish rainbow raven ribbon river robin rooster
saffron sailor salmon sandal saturn saxophone scarf school shadow shelter silver skeleton
spider spoon squirrel stadium sugar sunset tablet teapot temple thimble thunder tiger
tomato tractor trumpet tulip tunnel turtle umbrella vanilla velvet violin volcano walnut
whistle window yogurt zebra
`
  .trim()
  .split(/\s+/);
