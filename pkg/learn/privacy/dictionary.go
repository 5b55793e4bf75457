package privacy

import "strings"

// What new names are made of: one of each, which gives more than 100,000.
var (
	adjectives = strings.Fields(`
able agile amber ample apt aqua ashen azure bare basic beige black bland blue blunt bold brave bright brisk broad bronze brown busy calm
chief chilly civil clean clear clever close cloudy coarse cold cool copper coral cosy crisp cubic curly daily damp dark dear deep dense dim
dry dull dusty eager early easy even exact faint fair famous far fast fine firm fit flat fluent fond frank free fresh frosty full gentle giant
glad glossy golden good grand gray great green grey happy hardy hazel heavy high hollow honest humble icy ideal idle indigo iron ivory jade
jolly keen kind large last late lean level light lilac lime linen little lively local long loud low loyal lucky lunar lush major maple maroon
mellow merry mild minor mint misty modest narrow navy near neat new nimble noble north novel oaken odd olive open orange oval pale pastel
patient pearl pine pink plain polar prime prompt proud pure purple quick quiet rapid rare ready red regal rich ripe robust rosy rough round
royal ruby rural rustic safe sandy scarlet sharp shiny short silent silky silver simple sleek slim slow small smart smooth snowy social soft
solar solid sound south spare spicy stable stark steady steep stern still stone stout strong sturdy subtle sunny super sweet swift tall tame
teal tender thick thin tidy tiny topaz tough true upper urban valid vast velvet vital vivid warm west white whole wide wild windy wise witty
wooden young zesty`)
	nouns = strings.Fields(`
acorn alley almond anchor ankle apple apron arbor arch arrow aspen atlas attic autumn badge bagel bakery balcony ballad bamboo banjo bank
barley barn barrel basin basket bay beach beacon bean bear beaver bed bee bell belt bench berry birch bird biscuit blanket blossom boat bolt
book boot border bottle bowl box bracelet branch brass bread breeze brick bridge brook broom brush bucket buckle bugle bundle bush butter
button cabin cable cactus cake camel camera canal candle canoe canvas canyon cape carpet carrot cart castle cat cave cedar cellar chair chalk
chapel cherry chest chimney cider cinder circle clay cliff clock cloth cloud clover coast coat cobble cocoa coin collar comet compass cone
cork corn corner cottage cotton cove cradle crane crater creek crest cricket crown crystal cup curtain cushion dairy daisy dawn deer delta
desert desk dial diamond dish dolphin donkey door dove dragon drawer dream drum duck dune dust eagle earth easel echo edge elbow elm ember
engine falcon fan farm feather fence fern ferry fiddle field fig finch fire fish flag flame flask flint flock flour flower flute foam fog
forest fork fort fossil fountain fox frame frost fruit garden garlic garnet gate geese geyser ginger glacier glass globe glove goat goose
gorge grain granite grape grass gravel grove guitar gull hail hammer hammock harbor harp harvest hat hawk hay heath hedge helmet heron hill
hinge hive holly honey hood hook horn horse hut igloo inlet iris island ivy jacket jar jasmine jelly jewel juniper kayak kettle kite kitten
knot lace ladder lagoon lake lamp lantern lark laurel lava lawn leaf leather ledge lemon lentil lily linden lion lizard lobster locket loft
log loom lotus lynx mallet mango mantle marble marina market marsh mast meadow melon mill mirror mitten moat mole monkey moon moose mortar
moss moth mountain mouse mug mule mushroom mustard napkin nectar needle nest net nickel night noodle nut oak oar oasis oat ocean onion opal
orbit orchard orchid otter oven owl oyster paddle page palace palm pan panda paper parade parrot path pea peach peacock peak pear pebble
pecan pelican pen pencil penguin pepper petal piano picnic pie pigeon pillow pilot pin pipe planet plank plate plaza plow plum pocket pond
pony poplar poppy porch potato prairie puddle puffin pumpkin puzzle quail quarry quartz quilt quiver rabbit radish raft rail rain ranch
raven reed reef ribbon rice ridge ring river road robin rock roof rope rose rudder saddle sail salmon salt sand sapphire scarf sea seal seed
shadow shed sheep shelf shell ship shoe shore shovel sky slate sled slope snail snow soap sofa song spark sparrow spear spice spider spoon
spring spruce squash stable stair star steam stem stork storm stove straw stream street string sugar summer sun swallow swan table tailor
tent thimble thistle thorn thread thunder tide tiger tile timber toast tomato torch tower town trail train tree trout trumpet trunk tulip
tunnel turkey turnip turtle twig valley vase vault vine violin wagon wall walnut walrus water wave weaver well whale wharf wheat wheel
whistle willow wind window wing winter wolf wood wool wreath wren yacht yard yarn yew zebra`)
)
